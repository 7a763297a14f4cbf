/** clearpath status, drift and adopt: what is on an interface, and what another hand made of it. */
import { parseTree, sameTree } from '../compile/tc/index.ts';
import { adopt, judgeSource, placesOf, type Engine } from '../deploy/index.ts';
import type { Store } from '../store/index.ts';
import { readLink, type Place } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { deploymentJson } from './engine.ts';
import { DONE, findingsOnly, result, TENANT, type Result } from './result.ts';
import { judgeFile, readSource } from './source.ts';

export async function status(call: Call, place: Place, engine: Engine): Promise<Result> {
  await readLink(place, call.device);
  const { tree, owner, inForce } = await engine.live(TENANT, place, call.device);
  const now = engine.describe(tree);
  if (!inForce) {
    return result(
      DONE,
      `${call.device}: nothing of Clearpath is in force. The interface has ${now}${owner === 'foreign' ? ', which Clearpath did not make' : ''}.\n`,
      { interface: call.device, state: 'not-applied', live: now, deployment: null }
    );
  }
  const stands = sameTree(tree, parseTree(inForce.after));
  const left = engine.secondsToConfirm(inForce);
  const awaits =
    left === undefined ? '' : `Awaits confirmation: rolled back in ${left} s unless "clearpath confirm" is said.\n`;
  const since = new Date(Number(inForce.started_at)).toISOString();
  return result(
    DONE,
    `${call.device}: ${inForce.policy} ${inForce.revision}, ${inForce.action === 'rollback' ? 'restored' : 'applied'} by ${inForce.by} at ${since}, ${stands ? 'in force as read back just now' : `CHANGED BY HAND since: ${now}`}.\n${awaits}Deployment ${inForce.id}\n`,
    {
      interface: call.device,
      state: stands ? 'in-force' : 'drifted',
      live: now,
      deployment: deploymentJson(inForce),
      secondsToConfirm: left ?? null,
    }
  );
}

/** At the paths of FILE, or of the stored policy that is in force. */
export async function drift(call: Call, place: Place, engine: Engine, store: Store): Promise<Result> {
  const { inForce } = await engine.live(TENANT, place, call.device);
  const stored =
    inForce && call.words.length === 0
      ? await store.documents.revision(TENANT, 'Policy', inForce.policy, inForce.revision)
      : undefined;
  const { document } = call.words[0]
    ? judgeFile(readSource(call.words[0]), call.policy, undefined, call.values)
    : judgeSource(stored?.source ?? '');
  const drifted = await engine.drift(TENANT, place, call.device, placesOf(document));
  const text = !drifted
    ? `${call.device}: nothing of Clearpath is in force.\n`
    : drifted.length === 0
      ? `${call.device}: as it was applied.\n`
      : drifted.map(({ path, words }) => `${path === '' ? '' : `${path}: `}${words}\n`).join('');
  return result(DONE, text, { inForce: drifted !== undefined, drifted: drifted ?? [] });
}

/** The document with the live figures on standard output; what it cannot say, beside it. */
export async function adoptInto(call: Call, place: Place, engine: Engine): Promise<Result> {
  const source = readSource(call.file);
  const { document, findings } = judgeFile(source, call.policy, undefined, call.values);
  if (!document) {
    return findingsOnly(call, findings);
  }
  const drifted = (await engine.drift(TENANT, place, call.device, placesOf(document))) ?? [];
  const { source: edited, adopted, left } = adopt(source, document.metadata.name, drifted);
  const said = [
    ...adopted.map(({ words }) => `Adopted: ${words}\n`),
    ...left.map(({ words, reason }) => `Not adopted: ${words} ${reason}\n`),
  ];
  process.stderr.write(call.json ? '' : said.join(''));
  return result(DONE, edited, { source: edited, adopted, left });
}
