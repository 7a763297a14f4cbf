/** `clearpath import`: the document on standard output, what it does not say on standard error. */
import { importPolicy, type Engine } from '../deploy/index.ts';
import type { Place } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { sayFindings } from './words.ts';

const SAID = { 'left-out': 'Left out', approximate: 'Nearly', notice: 'Note' } as const;

export async function importFrom(call: Call, tenant: string, place: Place, engine: Engine) {
  const { source, remarks, findings, name, owner, live } = await importPolicy(
    engine,
    tenant,
    place,
    call.device,
    call.policy
  );
  const heading = `On ${call.device}: ${live}${owner === 'clearpath' ? ', by Clearpath' : ''}.\n`;
  const said = remarks.map(({ kind, object, message }) => `${SAID[kind]}: ${object}: ${message}\n`).join('');
  return {
    text: source,
    aside: `${heading}${said}${sayFindings(name, findings)}`,
    json: { name, source, owner, live, remarks, findings },
  };
}
