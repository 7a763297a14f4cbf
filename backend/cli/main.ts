/** clearpath on the command line: the same judgement, plan and deployment as the sidecar, without a server. */
import { sideOf } from '../compile/tc/index.ts';
import { DeployFailure } from '../deploy/index.ts';
import { InterfaceName, NamespaceName } from '../policy/schema.ts';
import { HeadMoved, StoreError } from '../store/index.ts';
import { enterPrefix, ProgramMissing, TargetError, type Place } from '../target/index.ts';
import { fileOnDevice } from './apply.ts';
import { COMMANDS, parseCall, USAGE, UsageError, type Call } from './arguments.ts';
import { auditCommand } from './audit.ts';
import { documentsCommand } from './documents.ts';
import { withEngine } from './engine.ts';
import { fixFile } from './fix.ts';
import { diffCommand, historyCommand } from './history.ts';
import { importFrom } from './import.ts';
import { proveFile } from './prove.ts';
import { DONE, REFUSED, result, TENANT, WRONG_USE, type Result } from './result.ts';
import { confirm, rollback } from './rollback.ts';
import { rollOut } from './rollout.ts';
import { adoptInto, drift, status } from './standing.ts';
import { templatesCommand } from './templates.ts';
import { validateFile } from './validate.ts';

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
    return withEngine((engine) => confirm(call, place, engine));
  }
  if (call.command === 'import') {
    const { text, aside, json } = await withEngine((engine) => importFrom(call, TENANT, place, engine));
    process.stderr.write(call.json ? '' : aside);
    return result(DONE, text, json);
  }
  if (call.command === 'rollback') {
    return withEngine((engine) => rollback(call, place, engine));
  }
  return fileOnDevice(call, place);
}

function carryOut(call: Call): Result | Promise<Result> {
  switch (call.command) {
    case 'fix':
      return fixFile(call);
    case 'validate':
      return validateFile(call);
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
