/** A stored Binding on all of its interfaces, wave by wave, told as it goes. */
import { Catalog, DeployFailure, linksIn, planned, Rollouts, type Engine } from '../deploy/index.ts';
import type { RolloutRow, Store } from '../store/index.ts';
import { enterPrefix } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { actor, DONE, REFUSED, result, TENANT, WRONG_USE, type Result } from './result.ts';

function sayWaves(bounds: Parameters<typeof planned>[0]): string {
  const links = planned(bounds);
  const waves = Map.groupBy(links, ({ wave }) => wave);
  return [...waves]
    .sort(([a], [b]) => a - b)
    .map(([wave, of]) => {
      const names = of.map(({ name, message }) => (message ? `${name} (${message})` : name)).join(', ');
      return `${wave < 0 ? 'Left out' : `Wave ${wave + 1}`}: ${names}\n`;
    })
    .join('');
}

/** @throws DeployFailure when nothing can be started or gone on with */
export async function rollOut(call: Call, engine: Engine, store: Store): Promise<Result> {
  const who = actor();
  const catalog = new Catalog(store, enterPrefix(process.env));
  const name = call.binding!;
  let said = '';
  const tell = (row: RolloutRow) => {
    if (!call.json && row.message !== said) {
      said = row.message;
      process.stderr.write(`${new Date().toISOString()} ${row.message}\n`);
    }
  };
  if (!call.yes && call.command !== 'confirm') {
    const bounds = await catalog.interfacesOf(TENANT, name);
    const text = bounds.length > 0 ? sayWaves(bounds) : `There is no binding "${name}".\n`;
    return result(WRONG_USE, `${text}Nothing was applied. To apply it, add --yes.\n`, {
      waves: planned(bounds),
      error: { code: 'CP-USAGE', message: 'Nothing was applied: --yes is missing.' },
    });
  }
  const rollouts = new Rollouts({ store, engine, catalog, onChange: tell });
  if (call.command === 'confirm') {
    const [awaiting] = await store.rollouts.list(TENANT, { binding: name, limit: 1 });
    if (!awaiting) {
      throw new DeployFailure('CP-ROLLOUT', `"${name}" has had no roll-out; nothing was confirmed.`);
    }
    const kept = await rollouts.confirm(TENANT, awaiting.id, who);
    return result(DONE, `The wave of roll-out ${kept.id} is confirmed.\n`, {
      rollout: { id: kept.id, state: kept.state },
    });
  }
  await rollouts.adopt();
  const last = (await store.rollouts.list(TENANT, { binding: name, limit: 1 }))[0];
  const row =
    call.resume && last
      ? await rollouts.resume(TENANT, last.id, who)
      : await rollouts.start(TENANT, name, who, { replaceForeign: call.replaceForeign, confirm: call.confirm });
  const interrupted = () => void rollouts.stop(TENANT, row.id, who).catch(() => undefined);
  process.once('SIGINT', interrupted);
  try {
    await rollouts.rest(row.id);
  } finally {
    process.off('SIGINT', interrupted);
    await rollouts.close();
  }
  const end = (await store.rollouts.get(TENANT, row.id))!;
  const more = end.state === 'paused' ? ` Go on with: clearpath apply --binding ${name} --resume --yes` : '';
  const status = end.state === 'done' || end.state === 'paused' ? DONE : REFUSED;
  return result(status, `${end.message}${more}\nRoll-out ${end.id} ${end.state}\n`, {
    rollout: { id: end.id, state: end.state, message: end.message, links: linksIn(end) },
  });
}
