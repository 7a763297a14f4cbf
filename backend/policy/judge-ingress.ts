/** What a policy asks of packets that they do not have when they arrive. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import type { Clause, PolicySpec, TrafficClass } from './schema.ts';

/** What is set behind the place where received packets are classified. */
const LATER = {
  fwmark: 'a mark of the host, which its firewall sets after classification',
  connmark: 'a connection’s mark, which the host looks up after classification',
} as const satisfies Partial<Record<keyof Clause, string>>;

const inClause = (clause: Clause, path: string): Finding[] => [
  ...Object.entries(LATER).flatMap(([key, what]) =>
    clause[key as keyof typeof LATER] === undefined
      ? []
      : [
          finding(
            'CP-INGRESS-UNSEEN',
            `${path}.${key}`,
            `On ingress no packet has "${key}" yet: it is ${what}, so the condition would never hold.`,
            'Tell the class by what is in the packet: dscp, addresses, ports.'
          ),
        ]
  ),
  ...(clause.not ? inClause(clause.not, `${path}.not`) : []),
];

/** For a binding in the direction ingress. */
export function judgeIngress({ classes = [] }: PolicySpec): Finding[] {
  const below = (items: readonly TrafficClass[], path: string): Finding[] =>
    items.flatMap((item, index) => {
      const at = `${path}.classes[${index}]`;
      return [
        ...(item.match ?? []).flatMap((clause, number) => inClause(clause, `${at}.match[${number}]`)),
        ...below(item.classes ?? [], at),
      ];
    });
  return below(classes, 'spec');
}
