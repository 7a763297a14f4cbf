/** What a policy asks of packets that they do not have when they arrive. */
import { boxes, TooManyBoxes } from './boxes.ts';
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import type { Clause, PolicySpec, TrafficClass } from './schema.ts';

/** The host's own mark is set behind the place where received packets are classified. */
const marked = (clause: Clause, path: string): Finding[] => [
  ...(clause.fwmark === undefined
    ? []
    : [
        finding(
          'CP-INGRESS-UNSEEN',
          `${path}.fwmark`,
          'On ingress no packet has "fwmark" yet: it is a mark of the host, which its firewall sets after classification, so the condition would never hold.',
          'Tell the class by what is in the packet: dscp, addresses, ports; or by connmark, which the firewall keeps with the connection.'
        ),
      ]),
  ...(clause.not ? marked(clause.not, `${path}.not`) : []),
];

/** Whether a packet whose connection has no mark satisfies it: on arrival one of no connection looks the same. */
function takesUnmarked(clause: Clause): boolean {
  try {
    return boxes(clause).some(({ connmark }) => connmark?.value === 0n);
  } catch (error) {
    if (error instanceof TooManyBoxes) {
      return false;
    }
    throw error;
  }
}

const inClause = (clause: Clause, path: string): Finding[] => [
  ...marked(clause, path),
  ...(takesUnmarked(clause)
    ? [
        finding(
          'CP-INGRESS-UNSEEN',
          `${path}${clause.connmark ? '.connmark' : '.not'}`,
          'On ingress a connection whose mark is 0 cannot be told from none at all: the mark is copied to the packet before its class is looked for, so the condition would hold for packets of no connection too.',
          'Ask for bits of the connection’s mark that are set, and leave the rest to a class below or to the default.'
        ),
      ]
    : []),
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
