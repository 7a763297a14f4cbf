/** CAKE’s own way, in the cake of a link and in the cake of a class. */
import type { Qdisc } from './model.ts';

/** What CAKE does by itself, said so that it reads back as it is written. */
export const CAKE_DEFAULTS: Qdisc['options'] = {
  isolation: 'triple-isolate',
  nat: 'nonat',
  wash: 'nowash',
  acks: 'no-ack-filter',
  gso: 'split-gso',
  rtt: 100_000,
  // The frame as the interface hands it down, which is what the policy counts (tc-cake(8), raw).
  framing: 'raw',
  overhead: 0,
};
