/** One class from the text of `tc -d class show`. */
import { words } from './listing.ts';
import type { HtbClass, LiveTree } from './model.ts';
import { parseRate, parseSize, writableBurst } from './units.ts';

/** Classes that a qdisc makes by itself and that hold no configuration. */
const DYNAMIC = new Set(['fq_codel', 'sfq', 'mq', 'mqprio', 'fq', 'cake', 'multiq', 'fq_pie']);
export function readClass(line: string, tree: LiveTree): void {
  const [, kind = '', classid = '', ...rest] = words(line);
  if (DYNAMIC.has(kind)) {
    return;
  }
  if (kind !== 'htb') {
    tree.inexact.push(`class ${kind} ${classid}`);
    return;
  }
  const item: HtbClass = { classid, parent: '', rate: 0, ceil: 0, burst: 0, cburst: 0 };
  let level = 0;
  let unknown = '';
  const size = (text: string | undefined) => parseSize((text ?? '').replace(/\/\d+$/, ''));
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    const next = () => rest[++i] ?? '';
    if (word === 'root') {
      item.parent = 'root';
    } else if (word === 'parent') {
      item.parent = next();
    } else if (word === 'leaf') {
      next();
    } else if (word === 'prio') {
      item.prio = Number(next());
    } else if (word === 'quantum') {
      item.quantum = Number(next());
    } else if (word === 'level') {
      level = Number(next());
    } else if (word === 'rate' || word === 'ceil') {
      item[word] = parseRate(next()) ?? ((unknown ||= word), 0);
    } else if (word === 'burst' || word === 'cburst') {
      item[word] = size(next()) ?? ((unknown ||= word), 0);
    } else if (word === 'linklayer') {
      unknown ||= next() === 'ethernet' ? '' : `linklayer ${rest[i]}`;
    } else if (word === 'mpu' || word === 'overhead') {
      unknown ||= /^0b?$/.test(next()) ? '' : `${word} ${rest[i]}`;
    } else {
      unknown ||= word;
    }
  }
  // A size in Kb or Mb is rounded already and reads back as that, whatever is lost.
  if (/ burst \d+b/.test(line)) {
    item.burst = writableBurst(item.burst, item.rate);
  }
  if (/ cburst \d+b/.test(line)) {
    item.cburst = writableBurst(item.cburst, item.ceil);
  }
  if (level > 0) {
    delete item.prio;
    delete item.quantum;
  }
  tree.classes.push(item);
  if (unknown) {
    tree.inexact.push(`class htb ${classid} (${unknown})`);
  }
}
