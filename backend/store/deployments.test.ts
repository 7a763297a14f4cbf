import { sql, type Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ANY_DEVICE, Deployments, operationsOf, type DeploymentRow, type Store } from './index.ts';
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

  const row = (id: string, more: Partial<DeploymentRow> = {}): DeploymentRow => ({
    id,
    tenant: 'main',
    place: 'wan0',
    action: 'apply',
    binding: 'b',
    policy: 'p',
    revision: 'r',
    target: 't',
    interface: 'wan0',
    state: 'applying',
    started_at: 1000,
    finished_at: null,
    by: 'ann',
    message: '',
    before: '{}',
    after: '{}',
    operations: '[]',
    previous: null,
    allocation: '{"a":1}',
    undoes: null,
    confirm_within: null,
    confirm_boot: null,
    confirm_until: null,
    matching: '[{"name":"rest","default":true}]',
    ...more,
  });
  const allocation = '{"a":1}';
  const states = async () =>
    Object.fromEntries((await store.deployments.list('main', {})).map(({ id, state }) => [id, state]));
  const apply = async (id: string, previous: string | null) => {
    const begun = row(id, { previous });
    await store.deployments.begin([begun]);
    return store.deployments.finish(begun, { state: 'confirmed', message: 'done' }, { deployment: id, allocation });
  };

  describe('the journal', () => {
    it('says that a deployment was begun before it says how it ended', async () => {
      const begun = row('01');
      await store.deployments.begin([begun]);
      expect(await store.deployments.unfinished()).toEqual([begun]);
      expect(await store.deployments.place('main', 'wan0')).toEqual({ deployment: null, allocation: null });
      const ended = await store.deployments.finish(
        begun,
        { state: 'confirmed', message: 'done' },
        { deployment: '01', allocation },
        2000
      );
      expect(ended).toEqual({ ...begun, state: 'confirmed', message: 'done', finished_at: 2000 });
      expect(await store.deployments.get('main', '01')).toEqual(ended);
      expect(await store.deployments.unfinished()).toEqual([]);
      expect(await store.deployments.place('main', 'wan0')).toEqual({ deployment: '01', allocation });
    });
    it('survives the process at any point', async () => {
      await store.deployments.begin([row('01')]);
      await store.close();
      store = await home.open();
      expect(await store.deployments.unfinished()).toEqual([row('01')]);
    });
    it('takes several at once or none of them', async () => {
      await store.deployments.begin([row('01')]);
      await expect(store.deployments.begin([row('02', { place: 'wan1' }), row('01')])).rejects.toThrow(
        /unique constraint/i
      );
      expect((await store.deployments.unfinished()).map(({ id }) => id)).toEqual(['01']);
      await store.deployments.begin([row('02', { place: 'wan1' })]);
      const ended = await store.deployments.finishAll([
        { row: row('01'), outcome: { state: 'confirmed', message: 'done' }, inForce: { deployment: '01', allocation } },
        { row: row('02', { place: 'wan1' }), outcome: { state: 'failed', message: 'refused' }, inForce: undefined },
      ]);
      expect(ended.map(({ id, state, message }) => [id, state, message])).toEqual([['01', 'confirmed', 'done'], ['02', 'failed', 'refused']]); // prettier-ignore
      expect(await states()).toEqual({ '01': 'confirmed', '02': 'failed' });
      expect([await store.deployments.place('main', 'wan0'), await store.deployments.place('main', 'wan1')].map(({ deployment }) => deployment)).toEqual(['01', null]); // prettier-ignore
    });
    it('refuses one deployment twice', async () => {
      await store.deployments.begin([row('01')]);
      await expect(store.deployments.begin([row('01')])).rejects.toThrow(/unique constraint/i);
    });
  });

  describe('what is in force', () => {
    it('is the last one that was confirmed; the one before is superseded', async () => {
      await apply('01', null);
      await apply('02', '01');
      expect(await states()).toEqual({ '01': 'superseded', '02': 'confirmed' });
      expect((await store.deployments.place('main', 'wan0')).deployment).toBe('02');
    });
    it('stays what it was when a deployment fails', async () => {
      await apply('01', null);
      const failing = row('02', { previous: '01' });
      await store.deployments.begin([failing]);
      await store.deployments.finish(failing, { state: 'failed', message: 'refused' }, undefined);
      expect(await states()).toEqual({ '01': 'confirmed', '02': 'failed' });
      expect((await store.deployments.place('main', 'wan0')).deployment).toBe('01');
    });
    it('is the one before again when the last is rolled back, and nothing when the first is', async () => {
      await apply('01', null);
      await apply('02', '01');
      const back = row('03', { action: 'rollback', previous: '01', undoes: '02' });
      await store.deployments.begin([back]);
      await store.deployments.finish(back, { state: 'confirmed', message: 'back' }, { deployment: '01', allocation });
      expect(await states()).toEqual({ '01': 'confirmed', '02': 'rolled-back', '03': 'confirmed' });
      const away = row('04', { action: 'rollback', undoes: '01' });
      await store.deployments.begin([away]);
      await store.deployments.finish(away, { state: 'confirmed', message: 'back' }, { deployment: null, allocation });
      expect(await states()).toMatchObject({ '01': 'rolled-back', '04': 'confirmed' });
      // The identities are kept for the next apply.
      expect(await store.deployments.place('main', 'wan0')).toEqual({ deployment: null, allocation });
    });
    it('is known by policy, with its revision', async () => {
      await apply('01', null);
      expect(await store.deployments.standing('main', 'p')).toMatchObject([
        { binding: 'b', place: 'wan0', policy: 'p', revision: 'r' },
      ]);
      expect(await store.deployments.standing('main', 'q')).toEqual([]);
      expect(await store.deployments.standing('other', 'p')).toEqual([]);
    });
    it('is known by tenant and place', async () => {
      await apply('01', null);
      expect(await store.deployments.place('other', 'wan0')).toEqual({ deployment: null, allocation: null });
      expect(await store.deployments.place('main', 'ns/wan0')).toEqual({ deployment: null, allocation: null });
      expect(await store.deployments.get('other', '01')).toBeUndefined();
    });
  });

  describe('of many interfaces with few different trees', () => {
    const shared = {
      before: '{"qdiscs":[]}',
      after: '{"qdiscs":[1]}',
      operations: JSON.stringify([{ command: `qdisc add dev ${ANY_DEVICE} root htb` }]),
    };
    const rows = Array.from({ length: 25 }, (_, index) =>
      row(String(index).padStart(2, '0'), { ...shared, place: `ns/wan${index}`, interface: `wan${index}` })
    );
    const texts = async () => (await store.db.selectFrom('journal_texts').selectAll().execute()).length;

    it('keeps each text once and gives every row its own lines', async () => {
      await store.deployments.begin(rows);
      expect(await texts()).toBe(5);
      const unfinished = await store.deployments.unfinished();
      expect(unfinished).toEqual(rows);
      expect(unfinished.map((each) => operationsOf(each)[0]!.command)).toEqual(rows.map(({ interface: device }) => `qdisc add dev ${device} root htb`)); // prettier-ignore
      await store.deployments.finishAll(
        rows.map((each) => ({
          row: each,
          outcome: { state: 'confirmed', message: 'done' },
          inForce: { deployment: each.id, allocation },
        }))
      );
      expect(await texts()).toBe(5);
      const names = rows.map(({ place }) => place);
      expect(await store.deployments.places('main', names)).toEqual(
        new Map(rows.map(({ place, id }) => [place, { deployment: id, allocation }]))
      );
    });

    it('says what is in force at each place, also after another program ended or changed it', async () => {
      const names = rows.map(({ place }) => place);
      const another = new Deployments(store.db);
      const standing = async () => {
        const [own, other] = [await store.deployments.inForceAt('main', names), await another.inForceAt('main', names)];
        expect(own).toEqual(other);
        return rows.map(({ place }) => own.get(place)?.row?.state);
      };
      expect(await standing()).toEqual(rows.map(() => undefined));
      await store.deployments.begin(rows);
      const confirmed = (row: DeploymentRow) => ({
        row,
        outcome: { state: 'confirmed' as const, message: 'done' },
        inForce: { deployment: row.id, allocation },
      });
      await store.deployments.finishAll(rows.map(confirmed));
      expect(await standing()).toEqual(rows.map(() => 'confirmed'));
      const [first] = rows;
      const next = { ...first!, id: '99', previous: first!.id, confirm_within: 60 };
      await another.begin([next]);
      await another.finish(next, { state: 'awaiting-confirmation', message: '' }, { deployment: next.id, allocation });
      expect(await standing()).toEqual(['awaiting-confirmation', ...rows.slice(1).map(() => 'confirmed')]);
      await another.finish({ ...next, undoes: next.id }, { state: 'rolled-back', message: '' }, { deployment: first!.id, allocation }); // prettier-ignore
      expect(await standing()).toEqual(rows.map(() => 'confirmed'));
      expect((await store.deployments.inForceAt('other', names)).size).toBe(0);
    });

    it('takes each to its own end, however many began alike, and keeps count of those that are left', async () => {
      const many = Array.from({ length: 60 }, (_, index) => {
        const place = `ns/wan${index}`;
        return row(`${100 + index}`, { ...shared, place, interface: `wan${index}`, revision: `r${index % 3}` });
      });
      await store.deployments.begin(many);
      const changes = () => store.db.selectFrom('changes').selectAll().execute();
      expect((await changes()).map(({ members }) => members)).toEqual([20, 20, 20]);
      const expected = new Map(many.map((each) => [each.id, each]));
      let open = many;
      for (let round = 1; open.length > 0; round++) {
        const ending = open.filter((_, index) => (index * 7 + round) % 5 < 2);
        open = open.filter((each) => !ending.includes(each));
        const ended = await store.deployments.finishAll(
          ending.map((each, index) => ({
            row: each,
            outcome: { state: 'failed', message: index % 3 === 0 ? 'refused' : 'gone' },
            inForce: undefined,
          })),
          2000 + round
        );
        ended.forEach((each) => expected.set(each.id, each));
        expect(await store.deployments.getAll('main', [...expected.keys()])).toEqual(expected);
        expect((await store.deployments.unfinished()).map(({ id }) => id)).toEqual(open.map(({ id }) => id));
        const counted = await sql<{ members: number; count: number }>`select members, (select count(*) from deployments where change = changes.id) as count from changes`.execute(store.db); // prettier-ignore
        expect(counted.rows.filter(({ members, count }) => members !== Number(count) || members === 0)).toEqual([]);
      }
    });

    it('asks for none of what it put into force itself, until another program writes', async () => {
      const names = rows.map(({ place }) => place);
      await store.deployments.begin(rows);
      await store.deployments.finishAll(
        rows.map((each) => ({
          row: each,
          outcome: { state: 'confirmed', message: 'done' },
          inForce: { deployment: each.id, allocation },
        }))
      );
      const known = await store.deployments.inForceAt('main', names);
      expect(known.size).toBe(25);
      // Behind its back, where no program writes.
      await store.db.deleteFrom('places').execute();
      expect(await store.deployments.inForceAt('main', names)).toEqual(known);
      expect((await store.deployments.inForceAt('other', names)).size).toBe(0);
      const another = new Deployments(store.db);
      const elsewhere = row('99', { place: 'elsewhere' });
      await another.begin([elsewhere]);
      expect(await store.deployments.inForceAt('main', names)).toEqual(known);
      await another.finish(elsewhere, { state: 'failed', message: 'refused' }, undefined);
      expect((await store.deployments.inForceAt('main', names)).size).toBe(0);
    });

    it('says so when a text is gone, and does not take its reference for a tree', async () => {
      await store.deployments.begin(rows);
      await store.db.deleteFrom('journal_texts').execute();
      await expect(store.deployments.unfinished()).rejects.toThrow(/lacks the text .*Restore the database/);
    });
  });

  it('of an earlier version are what they were, each for itself', async () => {
    const old = await newHome();
    const db = await old.tables();
    await createTables(db);
    const LATER = ['confirm_within', 'confirm_boot', 'confirm_until', 'matching'];
    const before = (whole: DeploymentRow) => Object.fromEntries(Object.entries(whole).filter(([column]) => !LATER.includes(column))) as DeploymentRow; // prettier-ignore
    const known = before(row('01'));
    const unfinished = { ...known, id: '02', place: 'wan1', previous: '00' };
    const earlier = db as unknown as Kysely<{ deployments: DeploymentRow }>;
    await earlier
      .insertInto('deployments')
      .values([{ ...known, state: 'confirmed', finished_at: 2000 }, unfinished])
      .execute();
    await db.insertInto('places').values({ tenant: 'main', place: 'wan0', deployment: '01', allocation }).execute();
    await db.destroy();
    await store.close();
    home.remove();
    home = old;
    store = await home.open();
    const first = row('01', { state: 'confirmed', finished_at: 2000, matching: '' });
    const second = row('02', { place: 'wan1', previous: '00', matching: '' });
    expect(await store.deployments.list('main', {})).toEqual([second, first]);
    expect(await store.deployments.unfinished()).toEqual([second]);
    expect((await store.deployments.inForceAt('main', ['wan0'])).get('wan0')?.row).toEqual(first);
    await store.deployments.finish(second, { state: 'failed', message: 'stopped' }, undefined);
    expect(await states()).toEqual({ '01': 'confirmed', '02': 'failed' });
  });

  it('lists deployments newest first, by binding, place and time, as far as asked', async () => {
    for (const [id, more] of [
      ['01', { started_at: 10 }],
      ['02', { started_at: 20, binding: 'c', place: 'wan1' }],
      ['03', { started_at: 30 }],
      ['04', { tenant: 'other' }],
    ] as const) {
      await store.deployments.begin([row(id, more)]);
    }
    const ids = async (filter: Parameters<Store['deployments']['list']>[1]) =>
      (await store.deployments.list('main', filter)).map(({ id }) => id);
    expect(await ids({})).toEqual(['03', '02', '01']);
    expect(await ids({ limit: 1 })).toEqual(['03']);
    expect(await ids({ binding: 'c' })).toEqual(['02']);
    expect(await ids({ place: 'wan0' })).toEqual(['03', '01']);
    expect(await ids({ from: 20, to: 20 })).toEqual(['02']);
  });
});
