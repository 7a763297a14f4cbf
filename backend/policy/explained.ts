/** What each code means on the wire, with a document that raises it: what the pages of docs/findings/ and the drawer show. */
import { CODES, type Code } from './codes.ts';
import { parseDocuments, placed } from './document.ts';
import { applyEdits } from './edit.ts';
import type { Finding, Severity } from './finding.ts';
import { judge } from './judge.ts';

/** A text of its own, or the classes of a policy of 10 Mbit/s. */
type Example = { text: string } | { classes: string; bandwidth?: string; more?: string };
interface Row {
  wire: string;
  /** Null where no short document raises it. */
  example: Example | null;
  /** What to write instead, where the judgement offers no fix of its own; of a text that cannot be mended, none. */
  mend?: readonly [from: string, to: string];
}

const HEAD = 'apiVersion: clearpath/v1\nkind: Policy\nmetadata: { name: edge }\n';
const REST = '- { name: rest, default: true, guarantee: 40% }';
const of = (...lines: string[]): { classes: string } => ({ classes: lines.join('\n') });

export const EXPLAINED: Readonly<Record<Code, Row>> = {
  'CP-YAML': { wire: 'Nothing is applied: what cannot be read is not guessed at.', example: { text: `${HEAD}spec: { bandwidth: 10mbit` }, mend: ['10mbit', '10mbit }'] },
  'CP-EMPTY': { wire: 'There is nothing to apply.', example: { text: '# nothing yet\n' } },
  'CP-UNKNOWN-KEY': { wire: 'A misspelt key that were ignored would leave a class without what it was to have.', example: of('- { name: voice, match: [{ dscp: ef }], guarante: 10% }', REST) },
  'CP-INVALID': { wire: 'Nothing is applied: a value that is not understood would be guessed.', example: of('- { name: voice, match: [{ dscp: ef }], guarantee: 10 }', REST), mend: ['guarantee: 10 }', 'guarantee: 10% }'] },
  'CP-DUPLICATE': { wire: 'Which of the two would act would be chance.', example: { text: `${HEAD}spec: { bandwidth: 10mbit }\n---\n${HEAD}spec: { bandwidth: 20mbit }\n` }, mend: ['---\napiVersion: clearpath/v1\nkind: Policy\nmetadata: { name: edge }', '---\napiVersion: clearpath/v1\nkind: Policy\nmetadata: { name: core }'] },
  'CP-NOT-YET': { wire: 'It is refused by name, so that nothing is left out in silence.', example: null },
  'CP-BANDWIDTH': { wire: 'Shaping to a share of nothing known would let everything pass, or nothing.', example: { ...of(REST), bandwidth: '50%' }, mend: ['bandwidth: 50%', 'bandwidth: 10mbit'] },
  'CP-BANDWIDTH-UNKNOWN': { wire: 'Percents and sums are judged once a binding or an interface gives the rate.', example: { ...of(REST), bandwidth: '' }, mend: ['spec:', 'spec:\n  bandwidth: 10mbit'] },
  'CP-NAME-TWICE': { wire: 'A class is known by its name: counters and objectives of two would be one.', example: of('- { name: voice, match: [{ dscp: ef }] }', '- { name: voice, match: [{ dscp: va }] }', REST) },
  'CP-DEFAULT-MISSING': { wire: 'HTB sends what no class takes unshaped, past every guarantee.', example: of('- { name: voice, match: [{ dscp: ef }], guarantee: 10% }') },
  'CP-DEFAULT-TWICE': { wire: 'Only one class can take what nobody matched; the other would stay empty.', example: of('- { name: web, default: true }', REST), mend: ['web, default: true', 'web, match: [{ ports: 443 }]'] },
  'CP-DEFAULT-MATCH': { wire: 'The default takes everything that is left; its match would say less than it does.', example: of('- { name: rest, default: true, match: [{ dscp: df }] }') },
  'CP-MATCH-MISSING': { wire: 'No packet would reach the class.', example: of('- { name: voice, guarantee: 10% }', REST), mend: ['voice,', 'voice, match: [{ dscp: ef }],'] },
  'CP-MATCH-IMPOSSIBLE': { wire: 'No packet has what the clause asks for, so its traffic goes elsewhere.', example: of('- { name: tunnels, match: [{ protocol: esp }, { protocol: gre, ports: 47 }] }', REST) },
  'CP-MATCH-HIDDEN': { wire: 'The packets go to the class that stands earlier, and this one never sees them.', example: of('- { name: web, match: [{ protocol: tcp }] }', '- { name: ssh, match: [{ protocol: tcp, ports: 22 }] }', REST) },
  'CP-MATCH-OUTSIDE': { wire: 'A child is looked for inside its parent only: what the parent never gets, the child never gets.', example: of('- name: web', '  match: [{ protocol: tcp }]', '  classes:', '    - { name: quic, match: [{ protocol: udp, ports: 443 }] }', '    - { name: other, default: true }', REST), mend: ['match: [{ protocol: tcp }]', 'match: [{ protocol: [tcp, udp] }]'] },
  'CP-MATCH-OVERLAP': { wire: 'Packets that both match go to the earlier class. That may be meant. A packet from one server’s port to another’s (both below 32768) is left out: no conversation has it.', example: of('- { name: voice, match: [{ dscp: ef }] }', '- { name: web, match: [{ ports: 443 }] }', REST), mend: ['match: [{ dscp: ef }]', 'match: [{ dscp: ef, protocol: icmp }]'] },
  'CP-MATCH-UNCHECKED': { wire: 'The rules act as written; only the comparison stopped, so that judging does not hold others up.', example: null },
  'CP-CLASS-UNREACHABLE': { wire: 'Its queue stays empty, its guarantee goes to others, its objective is never measured.', example: of('- { name: v4, match: [{ dscp: ef, ipVersion: 4 }] }', '- { name: v6, match: [{ dscp: ef, ipVersion: 6 }] }', '- { name: voice, match: [{ dscp: ef }] }', REST) },
  'CP-FAMILY-FORGOTTEN': { wire: 'The same traffic over the other IP version goes to the default class.', example: of('- { name: ping, match: [{ protocol: icmp }] }', REST) },
  'CP-CONTROL-SHARE': { wire: 'When the link is full, keepalives of BGP, OSPF and BFD are dropped, sessions time out, and routes go.', example: of('- { name: video, match: [{ dscp: af41 }], priority: 6 }', '- { name: rest, default: true }') },
  'CP-CONTROL-DEFAULT': { wire: 'Routing protocols wait and are dropped with whatever fills the default class.', example: of('- { name: voice, match: [{ dscp: ef }], guarantee: 10% }', '- { name: video, match: [{ dscp: af41 }], guarantee: 30% }', REST) },
  'CP-STARVATION': { wire: 'When those that come first send all they may, the class gets the 8 kbit/s that the kernel gives at least.', example: of('- { name: video, match: [{ dscp: af41 }], priority: 6, guarantee: 10% }', '- { name: rest, default: true, priority: 0 }') },
  'CP-LEAST-RATE': { wire: 'HTB lets each class send its own rate without asking its parent: more leaves than the link carries, and waits behind it.', example: { ...of('- { name: a, match: [{ dscp: ef }] }', '- { name: b, match: [{ dscp: va }] }', '- { name: c, match: [{ dscp: le }] }', '- { name: rest, default: true }'), bandwidth: '24kbit' }, mend: ['\n    - { name: c, match: [{ dscp: le }] }', ''] },
  'CP-GUARANTEE-SUM': { wire: 'When everything is full, part of what was promised does not exist, and HTB would let more out than the link has.', example: of('- { name: video, match: [{ dscp: af41 }], guarantee: 70% }', REST) },
  'CP-OVERSUBSCRIBED': { wire: 'When everything is full, each class gets its part in proportion; strict classes keep theirs whole.', example: { ...of('- { name: gold, match: [{ dscp: af41 }], guarantee: 8mbit }', '- { name: rest, default: true, guarantee: 8mbit }'), more: 'oversubscribe: { reason: sold as such in contract 7 }' }, mend: ['default: true, guarantee: 8mbit', 'default: true, guarantee: 2mbit'] },
  'CP-GUARANTEE-CEILING': { wire: 'The class may never send what it was promised.', example: of('- { name: web, match: [{ ports: 443 }], guarantee: 50%, ceiling: 2mbit }', REST) },
  'CP-GUARANTEE-PARENT': { wire: 'A percent of nothing is nothing.', example: of('- name: web', '  match: [{ ports: 443 }]', '  classes:', '    - { name: shop, default: true, guarantee: 50% }', REST), mend: ['match: [{ ports: 443 }]', 'match: [{ ports: 443 }]\n      guarantee: 20%'] },
  'CP-CEILING-PARENT': { wire: 'The parent holds the class to less than it says.', example: of('- { name: web, match: [{ ports: 443 }], ceiling: 20mbit }', REST) },
  'CP-CEILING-ZERO': { wire: 'None of its packets would ever leave.', example: of('- { name: web, match: [{ ports: 443 }], ceiling: 0% }', REST) },
  'CP-STRICT-RATE': { wire: 'Served before all others without a rate of its own, it could starve them all.', example: of('- { name: voice, match: [{ dscp: ef }], strict: true }', REST), mend: ['strict: true', 'strict: true, guarantee: 10%'] },
  'CP-STRICT-FIGURES': { wire: 'What exceeds the one figure is dropped; with two, nobody could say where that begins.', example: of('- { name: voice, match: [{ dscp: ef }], strict: true, guarantee: 10%, ceiling: 20% }', REST) },
  'CP-STRICT-PRIORITY': { wire: 'A strict class comes before every priority: the figure would have no effect.', example: of('- { name: voice, match: [{ dscp: ef }], strict: true, guarantee: 10%, priority: 6 }', REST) },
  'CP-STRICT-CHILDREN': { wire: 'The kernel ignores the priority of a class that has children: none of them would come first.', example: of('- name: voice', '  match: [{ dscp: ef }]', '  strict: true', '  guarantee: 10%', '  classes: [{ name: calls, default: true }]', REST), mend: ['\n      classes: [{ name: calls, default: true }]', ''] },
  'CP-STRICT-DEFAULT': { wire: 'Unknown traffic served first lets anyone starve the link.', example: of('- { name: rest, default: true, strict: true, guarantee: 20% }') },
  'CP-LIMITED-TWICE': { wire: 'Packets are dropped on arrival that the ceiling would have let wait, or at two places in a row.', example: of('- { name: bulk, match: [{ dscp: le }], guarantee: 10%, ceiling: 4mbit, police: { rate: 2mbit } }', REST), mend: [', police: { rate: 2mbit }', ''] },
  'CP-STRICT-SHARE': { wire: 'In a burst of strict traffic the others wait for more than a third of the time.', example: of('- { name: voice, match: [{ dscp: ef }], strict: true, guarantee: 50% }', REST), mend: ['guarantee: 50%', 'guarantee: 30%'] },
  'CP-BURST': { wire: 'Between two wake-ups of the kernel’s timer less may pass than the rate allows: the class stays below it.', example: of('- { name: rest, default: true, burst: 1000B }') },
  'CP-QUEUE-LATENCY': { wire: 'Whoever waits behind a full queue waits that long: calls break up and pages hang.', example: of('- { name: bulk, match: [{ dscp: le }], guarantee: 1mbit, queue: { algorithm: pfifo, limit: 1000p } }', REST) },
  'CP-QUEUE-INNER': { wire: 'Packets wait in the queues of the children; this one would not exist.', example: of('- name: web', '  match: [{ ports: 443 }]', '  queue: { limit: 100p }', '  classes: [{ name: shop, default: true }]', REST) },
  'CP-QUEUE-FIGURE': { wire: 'The queue has no such figure, so that it would have no effect.', example: of('- { name: rest, default: true, queue: { algorithm: pfifo, target: 5ms } }') },
  'CP-INNER-SHARING': { wire: 'What is left over goes to leaves; the kernel ignores the figure of a class above them.', example: of('- name: web', '  match: [{ ports: 443 }]', '  priority: 5', '  classes: [{ name: shop, default: true }]', REST) },
  'CP-SCHEDULER': { wire: 'The discipline that was named does not do this: the promise would not be kept.', example: { ...of('- { name: voice, match: [{ dscp: ef }], strict: true, guarantee: 10% }', REST), more: 'scheduler: drr' }, mend: ['scheduler: drr', 'scheduler: htb'] },
  'CP-HFSC-LINK': { wire: 'A class that holds packets while its interface goes down sends nothing any more once it is up again: its queue fills, then drops. So it was each time on Linux 7.2 where the class has a real-time curve, which every class here has; the other schedulers went on. Its counters show a backlog and no packet sent: the metric clearpath_class_silent_seconds rises, and after ten seconds the log of the sidecar names the class. Plan and drift show nothing, since all figures are as they should be. It sends again as soon as the class, its queue or the tree is changed: another guarantee applied, or a rollback and an apply.', example: { ...of('- { name: voice, match: [{ dscp: ef }], strict: true, guarantee: 10% }', REST), more: 'scheduler: hfsc' } },
  'CP-TOO-DEEP': { wire: 'The kernel refuses a ninth level of HTB.', example: null },
  'CP-MANY': { wire: 'The kernel walks every class for each one that is added: bringing the policy into force takes seconds.', example: null },
  'CP-TOO-MANY': { wire: 'Nothing is applied: a change of such a tree would lock the interface for long.', example: null },
  'CP-OBJECTIVE-GUARANTEE': { wire: 'When the link is full, the class gets what others leave, and the objective is violated.', example: of('- { name: shop, match: [{ ports: 443 }], objective: { loss: 1% } }', '- { name: rest, default: true }') },
  'CP-OBJECTIVE-LINK': { wire: 'One full frame on the wire already takes longer than the objective allows.', example: { ...of('- { name: voice, match: [{ dscp: ef }], strict: true, guarantee: 30%, objective: { latency: { p95: 20ms } } }', REST), bandwidth: '512kbit' }, mend: ['p95: 20ms', 'p95: 80ms'] },
  'CP-OBJECTIVE-QUEUE': { wire: 'As soon as the queue fills, its packets are later than the objective allows.', example: of('- { name: shop, match: [{ ports: 443 }], guarantee: 50%, queue: { target: 50ms }, objective: { latency: { p95: 20ms } } }', REST) },
  'CP-OBJECTIVE-UNMEASURED': { wire: 'The objective is kept and shown as not measured, never as met.', example: of('- { name: rest, default: true, guarantee: 40%, objective: { availability: 99% } }'), mend: [', objective: { availability: 99% }', ''] },
  'CP-INGRESS-UNSEEN': { wire: 'The class would take other packets than it asks for: none, or those of no connection too.', example: null },
  'CP-MORE': { wire: 'Nothing: there are more findings than anybody reads.', example: null },
  'CP-VARIABLE-UNKNOWN': { wire: 'The place would stay empty.', example: of('- { name: rest, default: true, guarantee: "${share}" }'), mend: ['"${share}"', '40%'] },
  'CP-VARIABLE-TYPE': { wire: 'A value of another type would be guessed at.', example: { ...of('- { name: rest, default: true, guarantee: "${share}" }'), more: 'variables: { share: { type: rate, default: much } }' }, mend: ['default: much', 'default: 40%'] },
  'CP-VARIABLE-MISSING': { wire: 'Without a value the policy says nothing at that place, and nothing is planned.', example: null },
  'CP-VARIABLE-UNUSED': { wire: 'Nothing: a value that is given for it changes nothing.', example: { ...of(REST), more: 'variables: { share: { type: rate, default: 40% } }' }, mend: ['\n  variables: { share: { type: rate, default: 40% } }', ''] },
  'CP-REFERENCE': { wire: 'Nothing acts on the interface: what the binding names is not there.', example: null },
  'CP-UNREADABLE': { wire: 'What is in force stays as it is; nothing new can be planned or applied until the document is corrected.', example: null },
  'CP-IN-FORCE': { wire: 'The interface would go on being shaped, and nothing stored would say so: no binding that shows it and could take it back, or no policy that says what each class is owed there.', example: null },
  'CP-INTERFACE': { wire: 'Nothing is shaped: the target does not name the interface.', example: null },
  'CP-SCHEDULE-OVERLAP': { wire: 'Two bindings would take turns on the interface, and which one acts would be chance.', example: null },
  'CP-BINDING-CONFLICT': { wire: 'An interface has one tree: two bindings would replace each other’s.', example: null },
}; // prettier-ignore

/** A code as it is shown: what it means, and what the judgement says of an example. */
export interface Explanation {
  code: Code;
  severity: Severity;
  title: string;
  wire: string;
  example?: { text: string; message: string; hint?: string; fix?: string; mended?: string };
}

const textOf = (example: Example): string => {
  if ('text' in example) {
    return example.text;
  }
  const bandwidth = example.bandwidth === '' ? '' : `\n  bandwidth: ${example.bandwidth ?? '10mbit'}`;
  const more = example.more ? `\n  ${example.more}` : '';
  return `${HEAD}spec:${bandwidth}${more}\n  classes:\n${example.classes.replace(/^/gm, '    ')}\n`;
};

/** Everything that is said of a text of policies. */
export function saidOf(text: string): Finding[] {
  const { documents, findings } = parseDocuments(text);
  const judged = documents.flatMap((parsed) => (parsed.document.kind === 'Policy' ? judge(parsed.document.metadata.name, parsed.document.spec).map((item) => placed(parsed, item)) : [])); // prettier-ignore
  return [...findings, ...judged];
}

export function explain(code: Code): Explanation {
  const { wire, example, mend } = EXPLAINED[code];
  const base = { code, ...CODES[code], wire };
  if (!example) {
    return base;
  }
  const text = textOf(example);
  const said = saidOf(text).find((item) => item.code === code);
  const mended = said?.fix ? applyEdits(text, said.fix.edits, said.document) : mend && text.replace(...mend);
  return {
    ...base,
    example: {
      text,
      message: said?.message ?? '',
      ...(said?.hint ? { hint: said.hint } : {}),
      ...(said?.fix ? { fix: said.fix.title } : {}),
      ...(mended === undefined ? {} : { mended }),
    },
  };
}

export const explainAll = (): Explanation[] => (Object.keys(CODES) as Code[]).map(explain);
