/** The audit against whoever can write to its database: each thing that can be done to it shows, on real databases. */
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditFilter } from './audit-list.ts';
import { acceptAudit, openStore, StoreError, type Store } from './index.ts';
import { sealOf } from './seal.ts';
import { createTables } from './tables.ts';
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

  const entry = (detail: string, by = 'ann') =>
    ({ tenant: 'main', by, role: 'Admin', action: 'apply', subject: 'wan0', outcome: 'done', detail }) as const;
  const write = async (count: number) => {
    for (let i = 1; i <= count; i++) {
      await store.audit.add(entry(`deployment ${i}`, i % 2 ? 'ann' : 'bob'));
    }
  };
  const table = () => store.db.updateTable('audit');
  const row = (number: number) =>
    store.db.selectFrom('audit').selectAll().where('number', '=', number).executeTakeFirstOrThrow();
  const remove = (...numbers: number[]) => store.db.deleteFrom('audit').where('number', 'in', numbers).execute();
  const anchor = () => readdirSync(home.folder).find((name) => /^audit(-[0-9a-f]{8})?\.anchor$/.test(name))!;
  const found = async () =>
    (await store.audit.verify()).breaks.map(({ number, reason, by }) => `${number} ${reason}${by ? ` ${by}` : ''}`);

  describe('entries of the audit', () => {
    const told = async (filter: AuditFilter) => (await store.audit.list('main', filter)).map(({ number }) => number);
    beforeEach(async () => {
      const all = [
        ['ann', 'policy.save', 'Policy/branch', 'done', 'revision 1'],
        ['Zoë', 'apply', 'Binding/uplinks on graz/wan0', 'failed', 'The kernel refused 50% of it.'],
        ['ann', 'apply', 'Binding/uplinks on graz/wan1', 'done', 'qdisc add dev wan1\nclass add dev wan1'],
        ['schedule', 'rollback', 'Binding/night on graz/wan_0', 'done', ''],
      ] as const;
      for (const [by, action, subject, outcome, detail] of all) {
        await store.audit.add({ tenant: 'main', by, role: 'Admin', action, subject, outcome, detail });
      }
      await store.audit.add({ tenant: 'other', by: 'ann', role: 'Admin', action: 'apply', subject: 's', outcome: 'done', detail: '' }); // prettier-ignore
    });
    it('are found by who, what, where and how it ended, in capital letters or not', async () => {
      expect(await told({})).toEqual([4, 3, 2, 1]);
      expect(await told({ by: 'ANN' })).toEqual([3, 1]);
      expect(await told({ by: 'zoë' })).toEqual([2]);
      expect(await told({ action: 'policy' })).toEqual([1]);
      expect(await told({ subject: 'Binding/uplinks', action: 'apply' })).toEqual([3, 2]);
      expect(await told({ subject: 'binding', outcome: 'failed' })).toEqual([2]);
      expect(await told({ by: '' })).toEqual([4, 3, 2, 1]);
    });
    it('are found by words, each of which may stand in another text of the entry', async () => {
      expect(await told({ words: ['ann', 'qdisc'] })).toEqual([3]);
      expect(await told({ words: ['ann', 'kernel'] })).toEqual([]);
    });
    it('are looked through for signs as for any letters', async () => {
      expect(await told({ words: ['50%'] })).toEqual([2]);
      expect(await told({ subject: '%' })).toEqual([]);
      expect(await told({ subject: 'wan_' })).toEqual([4]);
      expect(await told({ subject: "'; drop table audit; --" })).toEqual([]);
      expect(await told({ words: ['!', '\0', '\ud800'] })).toEqual([]);
    });
    it('are found in capital and small letters of every language, and so on every database', async () => {
      const letter = fc.constantFrom(...'aZ0 -_%!*?[]^.(){}\\$|+äÖñÉŠžΣσςάΏжЯԱա𐐀𐐨漢\n');
      const texts = fc.sample(fc.array(letter, { minLength: 1, maxLength: 12 }), 60);
      for (const [index, text] of texts.entries()) {
        await store.audit.add({ ...entry(''), by: 'x', action: `${index}`, subject: text.join('') });
      }
      const folded = (text: readonly string[]) => text.join('').toLowerCase().replaceAll('ς', 'σ');
      const asked = fc.record({ which: fc.nat(59), from: fc.nat(11), length: fc.nat(4), flips: fc.array(fc.boolean(), { minLength: 5 }) }); // prettier-ignore
      await fc.assert(
        fc.asyncProperty(asked, async ({ which, from, length, flips }) => {
          const part = texts[which]!.slice(from, from + length);
          const typed = part.map((one, index) => (flips[index] ? one.toUpperCase() : one.toLowerCase())).join('');
          const found = await store.audit.list('main', { by: 'x', subject: typed, limit: 1000 });
          const holding = texts.flatMap((text, index) => (folded(text).includes(folded(part)) ? [`${index}`] : []));
          expect(found.map(({ action }) => action)).toEqual(holding.reverse());
        }),
        { numRuns: 200 }
      );
    });
    it('are found by a letter whose other form is no single one as it stands', async () => {
      await store.audit.add({ ...entry('Straße nach İzmir'), by: 'x' });
      expect(await told({ words: ['straße', 'NACH', 'İZMIR'] })).toHaveLength(1);
      expect(await told({ words: ['strasse'] })).toHaveLength(0);
    });
    it('are found by the time from one moment to before another, however many came since', async () => {
      await table().set({ at: 1000 }).where('number', '=', 1).execute();
      await table().set({ at: 2000 }).where('number', '=', 2).execute();
      expect(await told({ from: 1000, to: 2000 })).toEqual([1]);
      expect(await told({ to: 2001 })).toEqual([2, 1]);
    });
    it('come in pages that do not move while others are added', async () => {
      expect(await told({ limit: 2 })).toEqual([4, 3]);
      await write(3);
      expect(await told({ limit: 2, before: 3 })).toEqual([2, 1]);
      expect(await told({ before: 1 })).toEqual([]);
    });
  });

  describe('an audit that nobody has touched', () => {
    it('is verified up to its last entry, also by the next program', async () => {
      expect(await store.audit.verify()).toEqual({ intact: true, entries: 0, unsealed: 0, verified: 0, anchored: 0, breaks: [] }); // prettier-ignore
      await write(5);
      const intact = { intact: true, entries: 5, unsealed: 0, verified: 5, anchored: 5, breaks: [] };
      expect(await store.audit.verify()).toEqual(intact);
      const next = await home.open();
      expect(await next.audit.verify()).toEqual(intact);
      await next.close();
    });
    it('is one chain of many writers, in several processes', async () => {
      const add = (by: string) => `for (let i = 0; i < 15; i++) {
        await store.audit.add({ tenant: 'main', by: '${by}', role: 'Admin', action: 'apply', subject: 's', outcome: 'done', detail: String(i) });
      }`;
      await Promise.all([home.elsewhere(add('bob')), home.elsewhere(add('eve')), write(15)]);
      expect(await store.audit.verify()).toMatchObject({ intact: true, entries: 45, verified: 45, anchored: 45 });
    });
    it('follows a saved document, and is not there where that was not saved', async () => {
      const save = (source: string, fails: boolean) =>
        store.documents.save('main', 'Policy', 'p', source, 'ann', undefined, async (transaction) => {
          await store.audit.add(entry(source), transaction);
          if (fails) {
            throw new Error('no');
          }
        });
      await save('a', false);
      await expect(save('b', true)).rejects.toThrow('no');
      await save('c', false);
      expect((await store.audit.list('main')).map(({ detail }) => detail)).toEqual(['c', 'a']);
      expect(await store.audit.verify()).toMatchObject({ intact: true, verified: 2, anchored: 2 });
    });
    it('keeps any text as it can be read again', async () => {
      for (const detail of ['"],["', 'a\0b', '\ud800', 'ä€𝄞\n\r\t', '']) {
        await store.audit.add(entry(detail));
      }
      expect((await store.audit.list('main')).map(({ detail }) => detail)).toEqual(['', 'ä€𝄞\n\r\t', '\ufffd', 'a\ufffdb', '"],["']); // prettier-ignore
      expect((await store.audit.verify()).intact).toBe(true);
    });
    it('is intact after a program that died between the commit and the anchor, whose entry the next one anchors', async () => {
      await write(2);
      const died = home.elsewhere(`
        store.audit.anchor = () => process.exit(9);
        await store.audit.add(${JSON.stringify(entry('last words'))});`);
      await expect(died).rejects.toMatchObject({ code: 9 });
      expect(await store.audit.verify()).toMatchObject({ intact: true, verified: 3, anchored: 2 });
      await write(1);
      expect(await store.audit.verify()).toMatchObject({ intact: true, verified: 4, anchored: 4 });
    });
  });

  describe('tampering', () => {
    beforeEach(() => write(6));

    it.each(['id', 'tenant', 'by', 'role', 'action', 'subject', 'outcome', 'detail'] as const)(
      'with the field "%s" shows at the entry',
      async (field) => {
        await table()
          .set({ [field]: 'other' })
          .where('number', '=', 3)
          .execute();
        const state = await store.audit.verify();
        expect(state).toMatchObject({ intact: false, verified: 2 });
        expect(state.breaks).toMatchObject([{ number: 3, reason: 'changed', by: field === 'by' ? 'other' : 'ann' }]);
        expect(state.breaks[0]!.message).toMatch(/^Entry 3, which names \w+, does not match its seal: /);
      }
    );
    it('with the time or the seal shows at the entry', async () => {
      await table().set((e) => ({ at: e('at', '+', 1) })).where('number', '=', 2).execute(); // prettier-ignore
      await table().set({ seal: null }).where('number', '=', 5).execute();
      // What follows a lost seal cannot be judged by it.
      expect(await found()).toEqual(['2 changed bob', '5 changed ann', '6 changed bob']);
    });
    it('by taking entries out of the middle shows which', async () => {
      await remove(3, 4);
      const state = await store.audit.verify();
      expect(state).toMatchObject({ intact: false, verified: 2 });
      expect(state.breaks.map(({ message }) => message)).toEqual(['The entries 3 to 4 are missing, which were written before entry 5.']); // prettier-ignore
    });
    it('by taking the first out shows', async () => {
      await remove(1);
      expect(await found()).toEqual(['1 missing']);
    });
    it.each([1, 3, 6])(
      'by taking the newest %i out shows, and goes on showing when more are written',
      async (count) => {
        await store.db.deleteFrom('audit').where('number', '>', 6 - count).execute(); // prettier-ignore
        const state = await store.audit.verify();
        expect(state.breaks).toMatchObject([{ number: 7 - count, reason: 'cut' }]);
        expect(state.breaks[0]!.message).toMatch(/is missing|are missing/);
        await write(count + 2);
        expect(await found()).toEqual(['6 replaced']);
      }
    );
    it('by moving entries shows', async () => {
      await table().set({ number: 100 }).where('number', '=', 2).execute();
      await table().set({ number: 2 }).where('number', '=', 4).execute();
      await table().set({ number: 4 }).where('number', '=', 100).execute();
      expect((await found())[0]).toBe('2 changed bob');
    });
    it('by putting an entry in shows, whatever is numbered anew for it', async () => {
      for (const number of [6, 5, 4]) {
        await table().set({ number: number + 1 }).where('number', '=', number).execute(); // prettier-ignore
      }
      await store.db.insertInto('audit').values({ ...(await row(3)), number: 4, by: 'eve' }).execute(); // prettier-ignore
      expect((await found())[0]).toBe('4 changed eve');
    });
    it('by an entry at the end with another key shows, and is never anchored', async () => {
      const last = await row(6);
      const { seal: _, ...forged } = { ...last, number: 7, by: 'eve' };
      await store.db.insertInto('audit').values({ ...forged, seal: sealOf(Buffer.alloc(32, 1), last.seal!, forged) }).execute(); // prettier-ignore
      expect(await found()).toEqual(['7 changed eve']);
      await write(2);
      expect(await store.audit.verify()).toMatchObject({ verified: 6, anchored: 6, intact: false });
    });
    it('by writing the whole chain anew with another key shows', async () => {
      let previous = '';
      for (let number = 1; number <= 6; number++) {
        const { seal: _, ...sealed } = await row(number);
        previous = sealOf(Buffer.alloc(32, 1), previous, sealed);
        await table().set({ seal: previous }).where('number', '=', number).execute(); // prettier-ignore
      }
      expect(await found()).toHaveLength(7);
    });
    it('by an older copy of the database shows, also when it has grown since', async () => {
      const copied = await store.db.selectFrom('audit').selectAll().execute();
      await write(3);
      await store.db.deleteFrom('audit').execute();
      await store.db.insertInto('audit').values(copied).execute();
      expect(await found()).toEqual(['7 cut']);
      await write(5);
      expect(await found()).toEqual(['9 replaced']);
    });
    it('by an empty database in its place shows', async () => {
      await store.db.deleteFrom('audit').execute();
      await store.db.deleteFrom('audit_chain').execute();
      await store.close();
      store = await home.open();
      expect(await found()).toEqual(['1 cut']);
      await write(7);
      expect(await found()).toEqual(['6 replaced']);
    });
    it('by moving the chain’s beginning over a change shows', async () => {
      await table().set({ detail: 'other' }).where('number', '=', 3).execute();
      await store.db.updateTable('audit_chain').set({ since: 4 }).execute();
      expect((await found())[0]).toBe('5 changed ann');
    });
    it('by taking the anchor away shows', async () => {
      rmSync(join(home.folder, anchor()));
      expect(await found()).toEqual(['7 no-anchor']);
      await write(1);
      expect(await found()).toEqual(['8 no-anchor']);
    });
  });
  describe('the key', () => {
    it('is for its owner alone, and outside of the database', async () => {
      await write(1);
      const path = join(home.folder, 'audit.key');
      expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
      expect(JSON.stringify(await store.db.selectFrom('audit_chain').selectAll().execute())).not.toContain(
        readFileSync(path, 'utf8').trim()
      );
    });
    it('may stand elsewhere, and the anchor with it', async () => {
      const other = await newHome();
      const elsewhere = join(home.folder, 'kept', 'key');
      const kept = await openStore(other.folder, { ...other.options, auditKeyFile: elsewhere });
      await kept.audit.add(entry('x'));
      expect((await kept.audit.verify()).intact).toBe(true);
      await kept.close();
      expect(readdirSync(join(home.folder, 'kept'))).toHaveLength(2);
      other.remove();
    });
    const refused = async () => {
      const error: unknown = await home.open().then(
        (opened) => opened.close(),
        (reason: unknown) => reason
      );
      expect(error).toBeInstanceOf(StoreError);
      return (error as StoreError).message;
    };
    it('that is lost, another, or none is said before anything is done', async () => {
      await write(1);
      const path = join(home.folder, 'audit.key');
      const text = readFileSync(path, 'utf8');
      rmSync(path);
      expect(await refused()).toMatch(/its audit's key .*audit\.key is missing\. Nothing was done; put the right one there, or begin a new chain/); // prettier-ignore
      writeFileSync(path, `${'ab'.repeat(32)}\n`);
      expect(await refused()).toMatch(/audit\.key is not the key that its audit is sealed with\. Nothing was done/);
      writeFileSync(path, 'nonsense');
      expect(await refused()).toMatch(/audit\.key cannot be used: it holds no key/);
      writeFileSync(path, text);
      chmodSync(path, 0o600);
      expect((await store.audit.verify()).intact).toBe(true);
    });
  });

  describe('accepting what is there', () => {
    const who = { tenant: 'main', by: 'eve', role: 'command line' };
    it('begins a new chain whose first entry says what was accepted, by whom', async () => {
      await write(6);
      await table().set({ detail: 'other' }).where('number', '=', 3).execute();
      await remove(6);
      await store.close();
      const accepted = await acceptAudit(home.folder, home.options, who);
      expect(accepted).toEqual([expect.stringMatching(/^Entry 3/), expect.stringMatching(/^Entry 6 is missing/)]);
      store = await home.open();
      expect(await store.audit.verify()).toEqual({ intact: true, entries: 6, unsealed: 5, verified: 6, anchored: 6, breaks: [] }); // prettier-ignore
      expect((await store.audit.list('main'))[0]).toMatchObject({ by: 'eve', action: 'audit.accept', detail: accepted.join('\n') }); // prettier-ignore
      await table().set({ detail: 'another' }).where('number', '=', 3).execute();
      expect(await found()).toEqual(['6 changed eve']);
    });
    it('goes on with a new key where the old one is lost', async () => {
      await write(2);
      await store.close();
      rmSync(join(home.folder, 'audit.key'));
      expect(await acceptAudit(home.folder, home.options, who)).toEqual([
        expect.stringMatching(/audit\.key is missing/),
      ]);
      store = await home.open();
      expect(await store.audit.verify()).toMatchObject({ intact: true, entries: 3, unsealed: 2, verified: 3 });
    });
    it('does nothing where nothing is wrong', async () => {
      await write(2);
      expect(await acceptAudit(home.folder, home.options, who)).toEqual([]);
      expect(await store.audit.verify()).toMatchObject({ entries: 2, unsealed: 0 });
    });
  });

  it('of a database of before there were seals is named as unsealed, and held as it stood', async () => {
    const old = await newHome();
    const db = await old.tables();
    await createTables(db);
    for (const number of [1, 2, 3]) {
      await db.insertInto('audit').values({ ...entry(`deployment ${number}`), number, id: `${number}`, at: number }).execute(); // prettier-ignore
    }
    await db.destroy();
    await store.close();
    home.remove();
    home = old;
    store = await home.open();
    expect(await store.audit.verify()).toEqual({ intact: true, entries: 3, unsealed: 3, verified: 3, anchored: 3, breaks: [] }); // prettier-ignore
    await write(2);
    expect(await store.audit.verify()).toMatchObject({
      intact: true,
      entries: 5,
      unsealed: 3,
      verified: 5,
      anchored: 5,
    });
    await table().set({ detail: 'other' }).where('number', '=', 2).execute();
    expect(await found()).toEqual(['4 changed ann']);
  });
});
