/** The engine without a server: what an interrupted command or a deadline left is settled before its work. */
import { stateDirectory, storeOptions } from '../daemon/settings.ts';
import { Engine } from '../deploy/index.ts';
import { openStore, type DeploymentRow, type Store } from '../store/index.ts';
import { enterPrefix, type Place } from '../target/index.ts';

export const placeOf = ({ place }: DeploymentRow): Place => ({
  namespace: place.includes('/') ? place.split('/')[0] : undefined,
  enter: enterPrefix(process.env),
});

export async function withEngine<T>(work: (engine: Engine, store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(stateDirectory(process.env), storeOptions(process.env));
  try {
    const engine = new Engine(store);
    const overdue = (await engine.recover(placeOf)).concat((await engine.revertOverdue(placeOf)).map(({ row }) => row));
    for (const row of overdue) {
      process.stderr.write(`${row.place}: ${row.message}\n`);
    }
    return await work(engine, store);
  } finally {
    await store.close();
  }
}

/** A deployment for programs. */
export const deploymentJson = (row: DeploymentRow) => ({
  id: row.id,
  action: row.action,
  state: row.state,
  policy: row.policy,
  revision: row.revision,
  interface: row.interface,
  message: row.message,
  by: row.by,
  startedAt: Number(row.started_at),
});
