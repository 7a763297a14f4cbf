import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RolloutRow, type Store } from './index.ts';
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
  const row = (id: string, more: Partial<RolloutRow> = {}): RolloutRow => ({
    id, tenant: 'main', binding: 'b', binding_revision: 'x', policy: 'p', revision: 'r', state: 'running', by: 'ann', role: 'Admin', started_at: 1,
    finished_at: null, next_at: 2, driven_at: 3, message: '', settings: '{}', links: '[]', ...more,
  }); // prettier-ignore

  it('keeps roll-outs of a tenant, newest first, and knows which are running', async () => {
    await store.rollouts.add(row('1'));
    await store.rollouts.add(row('2', { state: 'done', binding: 'c' }));
    await store.rollouts.add(row('3', { tenant: 'other' }));
    expect((await store.rollouts.list('main')).map(({ id }) => id)).toEqual(['2', '1']);
    expect((await store.rollouts.list('main', { binding: 'b' })).map(({ id }) => id)).toEqual(['1']);
    expect((await store.rollouts.running()).map(({ id }) => id)).toEqual(['1', '3']);
    expect(await store.rollouts.get('main', '1')).toEqual(row('1'));
    expect(await store.rollouts.get('main', '3')).toBeUndefined();
  });

  it('is taken over by one program only', async () => {
    await store.rollouts.add(row('1'));
    const other = await home.open();
    const taken = await Promise.all(
      [store, other].map((of) => of.rollouts.change('1', { driven_at: 9 }, { state: 'running', driven_at: 3 }))
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await store.rollouts.change('1', { message: 'x' }, { state: 'paused' })).toBe(false);
    await other.close();
  });
});
