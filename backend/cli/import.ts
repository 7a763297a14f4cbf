/** `clearpath import`: the document on standard output, what it does not say on standard error. */
import { sideOf, sideWords } from '../compile/tc/index.ts';
import { importPolicy, type Engine } from '../deploy/index.ts';
import type { Place } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { sayFindings } from './words.ts';

const SAID = { 'left-out': 'Left out', approximate: 'Nearly', notice: 'Note' } as const;

export async function importFrom(call: Call, tenant: string, place: Place, engine: Engine) {
  const { source, remarks, findings, name, owner, direction, live } = await importPolicy(
    engine,
    tenant,
    place,
    call.device,
    call.policy
  );
  const heading = `On ${sideWords(call.device)}: ${live}${owner === 'clearpath' ? ', by Clearpath' : ''}.\n`;
  const use = direction === 'ingress' ? `It is for what ${sideOf(call.device).interface} receives: apply it with --direction ingress, or in a Binding with direction: ingress.\n` : ''; // prettier-ignore
  const said = remarks.map(({ kind, object, message }) => `${SAID[kind]}: ${object}: ${message}\n`).join('');
  return {
    text: source,
    aside: `${heading}${use}${said}${sayFindings(name, findings)}`,
    json: { name, source, owner, direction, live, remarks, findings },
  };
}
