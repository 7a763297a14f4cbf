/** clearpath compile: the tree of a policy as lines for tc, for what this kernel can do. */
import { compile, diff, emptyAllocation, hooked, ingressNotes, noIngress, sideOf } from '../compile/tc/index.ts';
import type { Intent, Judged } from '../deploy/index.ts';
import { discover, readLink } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { DONE, result, type Result } from './result.ts';
import { sayFindings } from './words.ts';

const BATCHES = 'Lines that begin with "link" are for "ip -batch", the others for "tc -batch", in this order.';

/** @throws CompileError */
export async function compileFor(call: Call, { place, policy }: Intent, { findings }: Judged): Promise<Result> {
  const link = await readLink(place, call.device);
  const capabilities = {
    ...(await discover(place)),
    gsoMaxSize: link.gsoMaxSize,
    mtu: link.mtu,
    received: call.direction === 'ingress',
  };
  const { interface: device, direction } = sideOf(call.device);
  const compiled = compile(policy, capabilities, emptyAllocation());
  const received = direction === 'ingress';
  const tree = received ? hooked(compiled.tree, device, noIngress(device), capabilities) : compiled.tree;
  const notes = [...(received ? [...ingressNotes(device), BATCHES] : []), ...compiled.notes.map((note) => note.replaceAll('DEV', device))]; // prettier-ignore
  const operations = diff({ qdiscs: [], classes: [], filters: [] }, tree, { device, origins: tree.origins });
  process.stderr.write(
    call.json ? '' : sayFindings(call.file, findings) + notes.map((note) => `Note: ${note}\n`).join('')
  );
  return result(DONE, operations.map((operation) => `${operation.line}\n`).join(''), {
    operations: operations.map(({ line: command, path, reason }) => ({ command, path, reason })),
    notes,
    findings,
  });
}
