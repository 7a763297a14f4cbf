import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProofRow, Store } from './index.ts';
import { onEachDatabase, type Home } from './testing.ts';

onEachDatabase((newHome) => {
  let home: Home;
  let store: Store;
  beforeEach(async () => {
    home = await newHome();
    store = await home.open();
  });
  afterEach(async () => {
    await store.close();
    home.remove();
  });
  const row = (number: number, rest: Partial<ProofRow> = {}): ProofRow => ({
    id: `01JABCDEFGHJKMNPQRSTVWXYZ${number}`, tenant: 'main', policy: 'edge', revision: 'r1', binding: 'uplink', subject: 's', kernel: 'Linux 6',
    by: 'ann', started_at: 1_800_000_000_000, finished_at: 1_800_000_060_000, state: 'held', message: 'Every promise held.', report: '{"promises":[]}', ...rest,
  }); // prettier-ignore

  describe('proofs', () => {
    it('are kept with their report, and survive the process', async () => {
      await store.proofs.add(row(1));
      await store.close();
      store = await home.open();
      const found = (await store.proofs.get('main', row(1).id))!;
      expect({ ...found, started_at: Number(found.started_at), finished_at: Number(found.finished_at) }).toEqual(
        row(1)
      );
      expect(await store.proofs.get('other', row(1).id)).toBeUndefined();
    });

    it('are listed newest first, by policy and tenant', async () => {
      for (const each of [row(1), row(2, { policy: 'core' }), row(3), row(4, { tenant: 'other' })]) await store.proofs.add(each); // prettier-ignore
      const ids = async (policy?: string) =>
        (await store.proofs.list('main', { policy, limit: 10 })).map(({ id }) => id.at(-1));
      expect(await ids()).toEqual(['3', '2', '1']);
      expect(await ids('edge')).toEqual(['3', '1']);
      expect((await store.proofs.list('main', { limit: 1 })).length).toBe(1);
    });

    it('are found by what exactly was proved and where: the last that was decided', async () => {
      const last = async (subject = 's', kernel = 'Linux 6') =>
        (await store.proofs.lastOf('main', subject, kernel))?.state;
      expect(await last()).toBeUndefined();
      await store.proofs.add(row(1));
      await store.proofs.add(row(2, { state: 'inconclusive' }));
      await store.proofs.add(row(3, { state: 'failed', report: null }));
      expect([await last(), await last('t'), await last('s', 'Linux 7')]).toEqual(['held', undefined, undefined]);
      await store.proofs.add(row(4, { state: 'broken' }));
      expect(await last()).toBe('broken');
    });
  });
});
