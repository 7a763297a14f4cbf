/** CAKE: it shapes the link itself, and its tins are the classes. */
import { formatRate } from '../../policy/quantities.ts';
import { TINS } from '../../policy/cake-tins.ts';
import { tinsOf } from '../../policy/scheduling.ts';
import { addRoot, type Ground } from './builder.ts';
import { checkBandwidth } from './limits.ts';
import { cakeLink } from './link.ts';
import { CAKE_DEFAULTS } from './cake-options.ts';
import { readable } from './units.ts';

export function buildCake(ground: Ground): [] {
  const { policy, builder } = ground;
  checkBandwidth(policy.bandwidth);
  const bandwidth = readable(policy.bandwidth);
  const tins = tinsOf(policy) ?? 'besteffort';
  addRoot(
    ground,
    'cake',
    { bandwidth, tins, ...CAKE_DEFAULTS, ...cakeLink(policy.link) },
    `the link: ${formatRate(bandwidth)}; ${tins}, every host and flow its part, larger packets divided`
  );
  if (tins !== 'besteffort') {
    const shares = TINS[tins].map(({ name, share }) => `${name} ${+(100 * share).toFixed(2)} %`).join(', ');
    builder.notes.add(`CAKE: under overload of all tins they get ${shares}; what is left over goes its own way, not by priority or share.`); // prettier-ignore
  }
  return [];
}
