import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeadMoved, revisionOf, type Store } from './index.ts';
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

  const save = (source: string, base: string | null | undefined, by = 'ann', tenant = 'main', name = 'p') =>
    store.documents.save(tenant, 'Policy', name, source, by, base);

  describe('documents', () => {
    it('are kept with who saved them and when, and survive the process', async () => {
      const before = Date.now();
      const saved = await save('one', null);
      expect(saved).toMatchObject({
        kind: 'Policy',
        name: 'p',
        source: 'one',
        savedBy: 'ann',
        revision: revisionOf('one'),
      });
      expect(saved.savedAt).toBeGreaterThanOrEqual(before);
      await store.close();
      store = await home.open();
      expect(await store.documents.head('main', 'Policy', 'p')).toEqual(saved);
    });
    it('keep every revision, the head being the last one saved', async () => {
      const [a, b] = [await save('a', null), await save('b', revisionOf('a'))];
      expect((await store.documents.head('main', 'Policy', 'p'))?.source).toBe('b');
      expect((await store.documents.revision('main', 'Policy', 'p', a.revision))?.source).toBe('a');
      await save('a', b.revision, 'bob');
      expect((await store.documents.head('main', 'Policy', 'p'))?.savedBy).toBe('bob');
      expect((await store.documents.revision('main', 'Policy', 'p', a.revision))?.savedBy).toBe('bob');
      expect(await store.documents.revision('main', 'Policy', 'p', 'none')).toBeUndefined();
    });
    it('have their versions listed, newest first, each to be read again', async () => {
      const [a, b] = [await save('a', null), await save('b', revisionOf('a'), 'bob')];
      const again = await save('a', b.revision);
      await save('x', null, 'eve', 'other');
      expect(await store.documents.versions('main', 'Policy', 'p')).toEqual(
        [again, b, a].map(({ source: _, ...rest }, index) => ({ ...rest, number: 3 - index }))
      );
      expect(await store.documents.version('main', 'Policy', 'p', 2)).toEqual({ ...b, number: 2 });
      expect(await store.documents.version('main', 'Policy', 'p', 4)).toBeUndefined();
    });
    it('are one revision while the text is the same', async () => {
      const first = await save('a', null);
      expect(await save('a', first.revision, 'bob')).toEqual(first);
    });
    it('are listed by name, the heads of one tenant and kind', async () => {
      await save('b1', null, 'ann', 'main', 'b');
      await save('b2', revisionOf('b1'), 'ann', 'main', 'b');
      await save('a', null, 'ann', 'main', 'a');
      await save('other', null, 'eve', 'other', 'c');
      await store.documents.save('main', 'Target', 't', 'target', 'ann', null);
      expect((await store.documents.list('main', 'Policy')).map(({ name, source }) => [name, source])).toEqual([
        ['a', 'a'],
        ['b', 'b2'],
      ]);
      expect(await store.documents.head('other', 'Policy', 'a')).toBeUndefined();
    });
  });

  describe('an edit that started from another head', () => {
    it('is refused, naming who was faster, and overwrites nothing', async () => {
      const first = await save('a', null);
      await save('b', first.revision, 'bob');
      for (const base of [first.revision, null, 'nonsense']) {
        const refused = save('c', base);
        await expect(refused).rejects.toThrow(HeadMoved);
        await expect(refused).rejects.toThrow('Policy/p was changed by bob in the meantime.');
      }
      expect((await store.documents.head('main', 'Policy', 'p'))?.source).toBe('b');
    });
    it('of a document that is not there is refused too', async () => {
      await expect(save('a', 'abc')).rejects.toThrow('The document does not exist any more.');
      expect(await store.documents.list('main', 'Policy')).toEqual([]);
    });
    it('may save over whatever is there when it says so', async () => {
      await save('a', null);
      expect((await save('b', undefined)).source).toBe('b');
    });
    it('lets exactly one of many at once through', async () => {
      const { revision } = await save('a', null);
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, i) => save(`edit ${i}`, revision, `user${i}`))
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(results.filter((item) => item.status === 'rejected' && item.reason instanceof HeadMoved)).toHaveLength(9);
    });
    it('lets exactly one of several processes through', async () => {
      const { revision } = await save('a', null);
      const said = await Promise.all(
        ['bob', 'eve', 'joe'].map((by) =>
          home.elsewhere(`
            const save = store.documents.save('main', 'Policy', 'p', 'of ${by}', '${by}', '${revision}');
            console.log(await save.then(() => 'saved', (error) => error.name + ' ' + error.message));`)
        )
      );
      const head = await store.documents.head('main', 'Policy', 'p');
      expect(said.sort().map((line) => line.trim())).toEqual([
        ...Array<string>(2).fill(`Error Policy/p was changed by ${head!.savedBy} in the meantime.`),
        'saved',
      ]);
    });
  });

  describe('what is written together with a document', () => {
    const entry = {
      tenant: 'main',
      by: 'ann',
      role: 'Editor',
      action: 'policy.save',
      subject: 'Policy/p',
      outcome: 'done',
      detail: '',
    } as const;
    it('is there exactly when the document is', async () => {
      await store.documents.save('main', 'Policy', 'p', 'a', 'ann', null, (transaction, { revision }) =>
        store.audit.add({ ...entry, detail: revision }, transaction)
      );
      expect(await store.audit.list('main')).toMatchObject([{ ...entry, detail: revisionOf('a') }]);
      const failing = store.documents.save('main', 'Policy', 'p', 'b', 'ann', undefined, async (transaction) => {
        await store.audit.add(entry, transaction);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect((await store.documents.head('main', 'Policy', 'p'))?.source).toBe('a');
      expect(await store.audit.list('main')).toHaveLength(1);
    });
  });

  describe('the audit', () => {
    const add = (tenant: string, action: string) =>
      store.audit.add({ tenant, by: 'ann', role: 'Admin', action, subject: 's', outcome: 'refused', detail: 'd' });
    it('is listed newest first, of one tenant, as far as asked', async () => {
      for (const action of ['a', 'b', 'c']) {
        await add('main', action);
      }
      await add('other', 'x');
      expect((await store.audit.list('main')).map((row) => row.action)).toEqual(['c', 'b', 'a']);
      expect((await store.audit.list('main', { limit: 2 })).map((row) => row.action)).toEqual(['c', 'b']);
      expect(Object.keys((await store.audit.list('main'))[0]!).sort()).toEqual(['action', 'at', 'by', 'detail', 'id', 'number', 'outcome', 'role', 'subject', 'tenant']); // prettier-ignore
    });
  });
});
