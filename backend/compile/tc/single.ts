/** One queue for everything, below a shaper: fq_codel, sfq, pfifo or red as the whole tree. */
import { PROFILES } from '../../policy/profiles.ts';
import { addLeaf, type Ground } from './builder.ts';
import { addShaper } from './shaper.ts';

export const buildSingle =
  (algorithm: 'fq_codel' | 'sfq' | 'pfifo' | 'red') =>
  (ground: Ground): [] => {
    const item = ground.policy.classes[0]!;
    const { parent } = addShaper(ground, PROFILES[algorithm].title);
    const queue = { ...item.queue, algorithm };
    addLeaf(ground, { ...item, queue }, parent);
    return [];
  };
