/** clearpath on the command line: the same judgement, plan and deployment as the sidecar, without a server. */
import {
  compile,
  CompileError,
  diff,
  emptyAllocation,
  hooked,
  ingressNotes,
  noIngress,
  parseTree,
  sameTree,
  sideOf,
} from '../compile/tc/index.ts';
import { stateDirectory, storeOptions } from '../daemon/settings.ts';
import {
  adopt,
  bandwidthFor,
  Catalog,
  DeployFailure,
  Engine,
  judgeSource,
  placesOf,
  TIMER,
  type Intent,
  type Judged,
} from '../deploy/index.ts';
import { hasErrors } from '../policy/index.ts';
import { InterfaceName, NamespaceName } from '../policy/schema.ts';
import { HeadMoved, openStore, StoreError, type DeploymentRow, type Store } from '../store/index.ts';
import { discover, enterPrefix, placeKey, ProgramMissing, readLink, TargetError, type Place } from '../target/index.ts';
import { COMMANDS, parseCall, USAGE, UsageError, type Call } from './arguments.ts';
import { auditCommand } from './audit.ts';
import { documentsCommand } from './documents.ts';
import { fixFile } from './fix.ts';
import { diffCommand, historyCommand } from './history.ts';
import { importFrom } from './import.ts';
import { proveFile } from './prove.ts';
import {
  actor,
  DONE,
  FINDINGS,
  findingsOnly,
  REFUSED,
  refusalAt,
  result,
  TENANT,
  WRONG_USE,
  type Result,
} from './result.ts';
import { rollOut } from './rollout.ts';
import { judgeFile, readSource } from './source.ts';
import { templatesCommand } from './templates.ts';
import { sayFindings, sayPlan, sayPolicy, sayVariables } from './words.ts';

const deploymentJson = (row: DeploymentRow) => ({
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

function validate(call: Call): Result {
  const given = Object.keys(call.values).length > 0 ? call.values : undefined;
  const judged = judgeFile(readSource(call.file), call.policy, undefined, given);
  const bad = hasErrors(judged.findings);
  const verdict = bad ? '' : judged.resolved ? sayPolicy(judged.resolved) : '';
  return result(
    bad ? FINDINGS : DONE,
    `${sayFindings(call.file, judged.findings)}${sayVariables(judged.variables)}${verdict}${bad ? '' : 'Valid.\n'}`,
    {
      valid: !bad,
      findings: judged.findings,
    }
  );
}

const placeOf = ({ place }: DeploymentRow): Place => ({
  namespace: place.includes('/') ? place.split('/')[0] : undefined,
  enter: enterPrefix(process.env),
});

async function withEngine<T>(work: (engine: Engine, store: Store) => Promise<T>): Promise<T> {
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

const BATCHES = 'Lines that begin with "link" are for "ip -batch", the others for "tc -batch", in this order.';

async function judgedIntent(call: Call, place: Place): Promise<{ intent: Intent; judged: Judged } | Result> {
  const source = readSource(call.file);
  const first = judgeFile(source, call.policy, undefined, call.values);
  if (!first.document || hasErrors(first.findings)) {
    return findingsOnly(call, first.findings);
  }
  await readLink(place, call.device);
  const bandwidth = await bandwidthFor(place, call.device, undefined, first.document);
  const judged = judgeFile(source, call.policy, bandwidth, call.values, call.direction);
  if (hasErrors(judged.findings)) {
    return findingsOnly(call, judged.findings);
  }
  const intent = {
    tenant: TENANT,
    place,
    device: call.device,
    binding: placeKey(place, call.device),
    target: 'local',
    policy: judged.resolved!,
    revision: judged.revision,
  };
  return { intent, judged };
}

/** A stored binding of the same interface gives its name, so that history is one, whoever applies. */
async function named(intent: Intent, store: Store): Promise<Intent> {
  const key = placeKey(intent.place, intent.device);
  const bindings = await new Catalog(store, intent.place.enter).bindings(TENANT);
  const bound = bindings.find((item) => placeKey(item.place, item.device) === key);
  return bound
    ? { ...intent, binding: bound.name, target: bound.targetName, requiresProof: bound.binding.spec.requireProof }
    : intent;
}

async function onDevice(call: Call): Promise<Result> {
  const place: Place = { namespace: call.namespace, enter: enterPrefix(process.env) };
  if (call.command === 'status') {
    return withEngine((engine) => status(call, place, engine));
  }
  if (call.command === 'adopt') {
    return withEngine((engine) => adoptInto(call, place, engine));
  }
  if (call.command === 'drift') {
    return withEngine((engine, store) => drift(call, place, engine, store));
  }
  if (call.command === 'confirm') {
    return withEngine(async (engine) => {
      const row = await engine.confirm(TENANT, place, call.device, actor());
      await engine.audit(TENANT, actor(), 'confirm', row);
      return result(DONE, `${row.message}\nDeployment ${row.id}\n`, { deployment: deploymentJson(row) });
    });
  }
  if (call.command === 'import') {
    const { text, aside, json } = await withEngine((engine) => importFrom(call, TENANT, place, engine));
    process.stderr.write(call.json ? '' : aside);
    return result(DONE, text, json);
  }
  if (call.command === 'rollback') {
    return withEngine((engine) => rollback(call, place, engine));
  }
  const found = await judgedIntent(call, place);
  if ('status' in found) {
    return found;
  }
  const { intent: unnamed, judged } = found;
  const { line, findings, variables } = judged;
  const warnings = sayFindings(call.file, findings);
  try {
    if (call.command === 'compile') {
      const link = await readLink(place, call.device);
      const capabilities = {
        ...(await discover(place)),
        gsoMaxSize: link.gsoMaxSize,
        mtu: link.mtu,
        received: call.direction === 'ingress',
      };
      const { interface: device, direction } = sideOf(call.device);
      const compiled = compile(unnamed.policy, capabilities, emptyAllocation());
      const received = direction === 'ingress';
      const tree = received ? hooked(compiled.tree, device, noIngress(device), capabilities) : compiled.tree;
      const notes = [...(received ? [...ingressNotes(device), BATCHES] : []), ...compiled.notes.map((note) => note.replaceAll('DEV', device))]; // prettier-ignore
      const operations = diff({ qdiscs: [], classes: [], filters: [] }, tree, { device, origins: tree.origins });
      process.stderr.write(call.json ? '' : warnings + notes.map((note) => `Note: ${note}\n`).join(''));
      return result(DONE, operations.map((operation) => `${operation.line}\n`).join(''), {
        operations: operations.map(({ line: command, path, reason }) => ({ command, path, reason })),
        notes,
        findings,
      });
    }
    return await withEngine(async (engine, store) => {
      const intent = await named(unnamed, store);
      const plan = await engine.plan(intent);
      const json = {
        plan: plan.id,
        operations: plan.operations.map(({ line: command, path, reason, disruptive }) => ({
          command,
          path,
          reason,
          disruptive,
        })),
        notes: plan.notes,
        traffic: plan.traffic,
        findings,
        variables,
        restorable: plan.restorable,
      };
      const text = warnings + sayVariables(variables) + sayPlan(plan, engine.describe(plan.before));
      if (call.command === 'plan') {
        return result(DONE, text, json);
      }
      if (!call.yes) {
        return result(WRONG_USE, `${text}Nothing was applied. To apply it, add --yes.\n`, {
          ...json,
          error: { code: 'CP-USAGE', message: 'Nothing was applied: --yes is missing.' },
        });
      }
      const staying = call.confirm === undefined ? undefined : stay();
      const row = await engine.apply(intent, actor(), {
        replaceForeign: call.replaceForeign,
        confirm: call.confirm,
      });
      await engine.audit(TENANT, actor(), 'apply', row);
      if (row.state === 'awaiting-confirmation') {
        return awaitConfirmation(call, row, place, { engine, store, staying: staying! }, json);
      }
      return result(
        DONE,
        `${plan.operations.length === 0 ? 'Nothing to do: the interface already carries this.' : row.message}\nDeployment ${row.id}\n`,
        { ...json, deployment: deploymentJson(row) }
      );
    });
  } catch (error) {
    if (error instanceof CompileError) {
      return refusalAt(call, 'CP-COMPILE', error.message, error.path, line(error.path));
    }
    if (error instanceof DeployFailure) {
      return refusalAt(call, error.code, error.message, error.path, error.path ? line(error.path) : undefined);
    }
    throw error;
  }
}

/** At the paths of FILE, or of the stored policy that is in force. */
async function drift(call: Call, place: Place, engine: Engine, store: Store): Promise<Result> {
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
async function adoptInto(call: Call, place: Place, engine: Engine): Promise<Result> {
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

const POLL_MS = 500;

interface Staying {
  /** Somebody wants it to end now. */
  stopped: boolean;
}
/** From before the first operation on: the terminal may go away by what is applied. */
function stay(): Staying {
  const staying = { stopped: false };
  process.on('SIGHUP', () => undefined);
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  process.once('SIGINT', () => (staying.stopped = true)).once('SIGTERM', () => (staying.stopped = true));
  return staying;
}

/**
 * Waits until somebody confirms, or rolls back. That the terminal goes away is what a deadline is for: the process stays.
 * One that is killed leaves it to the sidecar, or to the next command.
 */
async function awaitConfirmation(
  call: Call,
  row: DeploymentRow,
  place: Place,
  { engine, store, staying }: { engine: Engine; store: Store; staying: Staying },
  json: Record<string, unknown>
): Promise<Result> {
  const command = `clearpath confirm --interface ${sideOf(call.device).interface}${call.direction === 'ingress' ? ' --direction ingress' : ''}${call.namespace ? ` --namespace ${call.namespace}` : ''}`;
  process.stderr.write(`${row.message}\nTo keep it, run in another terminal: ${command}\n`);
  for (;;) {
    const now = await store.deployments.get(TENANT, row.id);
    if (now?.state !== 'awaiting-confirmation') {
      const kept = now?.state === 'confirmed' || now?.state === 'superseded';
      const said = kept ? now.message : `Not confirmed: what was there before is in force again.`;
      return result(kept ? DONE : REFUSED, `${said}\nDeployment ${row.id}\n`, {
        ...json,
        deployment: deploymentJson(now ?? row),
      });
    }
    if (staying.stopped) {
      const undone = await engine.rollback(TENANT, place, call.device, actor(), row.id);
      await engine.audit(TENANT, actor(), 'rollback', undone);
      continue;
    }
    for (const { row: reverted, done } of await engine.revertOverdue(placeOf)) {
      process.stderr.write(`${reverted.place}: ${reverted.message}\n`);
      if (done) {
        await engine.audit(TENANT, TIMER, 'rollback', reverted);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function rollback(call: Call, place: Place, engine: Engine): Promise<Result> {
  const plan = await engine.planRollback(TENANT, place, call.device);
  const text = sayPlan(plan, engine.describe(plan.before));
  const json = {
    operations: plan.operations.map(({ line: command, reason }) => ({ command, reason })),
    notes: plan.notes,
  };
  if (!call.yes) {
    return result(WRONG_USE, `${text}Nothing was rolled back. To do it, add --yes.\n`, {
      ...json,
      error: { code: 'CP-USAGE', message: 'Nothing was rolled back: --yes is missing.' },
    });
  }
  const row = await engine.rollback(TENANT, place, call.device, actor());
  await engine.audit(TENANT, actor(), 'rollback', row);
  return result(DONE, `${row.message}\nDeployment ${row.id}\n`, { ...json, deployment: deploymentJson(row) });
}

async function status(call: Call, place: Place, engine: Engine): Promise<Result> {
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

function carryOut(call: Call): Result | Promise<Result> {
  switch (call.command) {
    case 'fix':
      return fixFile(call);
    case 'validate':
      return validate(call);
    case 'prove':
      return proveFile(call);
    case 'templates':
      return templatesCommand(call);
    case 'audit':
      return auditCommand(call);
    case 'history':
      return historyCommand(call);
    case 'diff':
      return diffCommand(call);
    case 'documents':
    case 'show':
    case 'save':
    case 'delete':
    case 'restore':
      return documentsCommand({ ...call, command: call.command });
    default:
      return onDevice(call);
  }
}

async function main(argv: readonly string[]): Promise<number> {
  let json = argv.includes('--json');
  const print = (outcome: Result) => {
    process.stdout.write(
      json
        ? `${JSON.stringify(outcome.json, null, 2)}\n`
        : outcome.status === DONE || outcome.toOutput
          ? outcome.text
          : ''
    );
    if (!json && outcome.status !== DONE && !outcome.toOutput) {
      process.stderr.write(outcome.text);
    }
    return outcome.status;
  };
  try {
    const call = parseCall(argv);
    if (call === 'help') {
      process.stdout.write(USAGE);
      return DONE;
    }
    json = call.json;
    if (call.binding !== undefined) {
      return print(await withEngine((engine, store) => rollOut(call, engine, store)));
    }
    if (COMMANDS[call.command].device) {
      for (const name of [
        InterfaceName.safeParse(sideOf(call.device).interface),
        NamespaceName.optional().safeParse(call.namespace),
      ]) {
        if (!name.success) {
          throw new UsageError(name.error.issues[0]!.message);
        }
      }
    }
    return print(await carryOut(call));
  } catch (error) {
    const said = (status: number, code: string, message: string) =>
      print(result(status, `${message}\n`, { error: { code, message } }));
    if (error instanceof UsageError) {
      return said(WRONG_USE, 'CP-USAGE', json ? error.message : `${error.message}\n\n${USAGE}`.trimEnd());
    }
    if (error instanceof DeployFailure) {
      return said(REFUSED, error.code, error.message);
    }
    if (error instanceof TargetError) {
      return said(REFUSED, error.code, `${error.message} Nothing was changed.`);
    }
    if (error instanceof ProgramMissing) {
      return said(REFUSED, 'CP-PROGRAM-MISSING', `${error.message} Nothing was changed.`);
    }
    if (error instanceof HeadMoved) {
      return said(REFUSED, 'CP-HEAD-MOVED', `${error.message} Nothing was overwritten.`);
    }
    if (error instanceof StoreError) {
      return said(REFUSED, 'CP-STORE', error.message);
    }
    const { code, message } = error as NodeJS.ErrnoException;
    if (code) {
      return said(REFUSED, 'CP-SYSTEM', `${message}. Nothing was changed.`);
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
