/** Objects of a tree as tc batch lines. Every word comes from typed values: no text of a document reaches the line. */
import { KINDS, renderOption } from './kinds.ts';
import type { Filter, HtbClass, Qdisc, TcObject } from './model.ts';
import { MTU_FRAME } from './queue.ts';
import { rateArgument } from './units.ts';

const at = (parent: string) => (parent === 'root' ? 'root' : `parent ${parent}`);

function qdiscArguments(qdisc: Qdisc, verb: Verb): string {
  const kind = KINDS[qdisc.kind];
  const options = Object.entries(qdisc.options)
    // Some kinds refuse a change that names what is fixed, even with the value that it has (fq_codel and its flows).
    .filter(([name]) => verb !== 'change' || !kind?.options[name]?.fixed)
    .map(([name, value]) => renderOption(name, kind?.options[name]?.form ?? 'count', value));
  return [qdisc.kind, ...options].join(' ');
}

function classArguments(item: HtbClass): string {
  // An inner class uses no quantum, but without one the kernel computes rate / r2q and warns that it is too big.
  const quantum = item.quantum ?? MTU_FRAME;
  const leaf = `${item.prio === undefined ? '' : ` prio ${item.prio}`} quantum ${quantum}`;
  return `htb rate ${rateArgument(item.rate)} ceil ${rateArgument(item.ceil)} burst ${item.burst}b cburst ${item.cburst}b${leaf}`;
}

/** The way to name an object for deletion or change. */
function address(object: TcObject): string {
  switch (object.type) {
    case 'qdisc':
      return object.value.handle === '0:'
        ? at(object.value.parent)
        : `${at(object.value.parent)} handle ${object.value.handle}`;
    case 'class':
      return `parent ${object.value.parent} classid ${object.value.classid}`;
    case 'filter':
      return `parent ${object.value.parent} protocol ${object.value.protocol} pref ${object.value.pref}`;
  }
}

function linkParent(object: TcObject): TcObject {
  if (object.type !== 'class' || object.value.parent !== 'root') {
    return object;
  }
  // The class below the qdisc is shown as "root"; tc takes the qdisc's handle.
  return { type: 'class', value: { ...object.value, parent: `${object.value.classid.split(':')[0]}:` } };
}

const flowerKeys = (filter: Filter) => ['flower', ...filter.keys].join(' ');

function argumentsOf(object: TcObject, verb: Verb): string {
  switch (object.type) {
    case 'qdisc':
      return qdiscArguments(object.value, verb);
    case 'class':
      return classArguments(object.value);
    case 'filter':
      return object.value.kind === 'u32'
        ? `u32 ${object.value.keys.join(' ')} flowid ${object.value.classid}`
        : `${flowerKeys(object.value)} classid ${object.value.classid}`;
  }
}

export type Verb = 'add' | 'change' | 'replace' | 'del';

/** One line of `tc -batch`, e.g. "class add dev wan0 parent 1:1 classid 1:10 htb rate 1900kbit …". */
export function render(verb: Verb, object: TcObject, device: string): string {
  const named = linkParent(object);
  const head = `${named.type} ${verb} dev ${device} `;
  if (verb === 'del') {
    return (
      head +
      (named.type === 'class'
        ? `classid ${named.value.classid}`
        : named.type === 'qdisc'
          ? at(named.value.parent)
          : address(named))
    );
  }
  return `${head}${address(named)} ${argumentsOf(named, verb)}`;
}
