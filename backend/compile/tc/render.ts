/** Objects of a tree as tc batch lines. Every word comes from typed values: no text of a document reaches the line. */
import { renderActions } from './actions.ts';
import { KINDS } from './kinds.ts';
import {
  CURVES,
  type Curve,
  type Filter,
  type Qdisc,
  type Ifb,
  type SizeTable,
  type TcClass,
  type TcObject,
  type TreeObject,
} from './model.ts';
import { renderOption } from './options.ts';
import { MTU_FRAME } from './frame.ts';
import { bucketIn, handleText, tableIn } from './hash-table.ts';
import { ARRIVING, HOOK } from './ingress.ts';
import { rateArgument } from './units.ts';

const at = (parent: string) => (parent === 'root' ? 'root' : `parent ${parent}`);

const sizeTable = ({ cells, overhead, mpu }: SizeTable) =>
  `stab ${cells ? 'linklayer atm ' : ''}overhead ${overhead}${mpu > 0 ? ` mpu ${mpu}` : ''}`;

/** The size table is always said: a change without it takes it away. */
function qdiscArguments(qdisc: Qdisc, verb: Verb): string {
  const known = KINDS[qdisc.kind];
  const options = Object.entries(known?.options ?? {}).flatMap(([name, option]) => {
    const value = qdisc.options[name];
    // Some kinds refuse a change that names what is fixed, even with the value that it has (fq_codel and its flows).
    return value === undefined || (verb === 'change' && option.fixed) ? [] : renderOption(name, option, value);
  });
  if (known?.also) {
    options.push(known.also(qdisc.options));
  }
  // A kind without anything to change takes no change that names it (HTB), but its size table changes all the same.
  const kind = verb === 'change' && options.length === 0 ? [] : [qdisc.kind];
  return [...(qdisc.stab ? [sizeTable(qdisc.stab)] : []), ...kind, ...options].join(' ');
}

/** A straight curve is m2 alone. */
const curve = ({ m1, d, m2 }: Curve) =>
  `${m1 > 0 || d > 0 ? `m1 ${rateArgument(m1)} d ${d}us ` : ''}m2 ${rateArgument(m2)}`;

function classArguments(item: TcClass): string {
  switch (item.kind) {
    case 'htb': {
      // An inner class uses no quantum, but without one the kernel computes rate / r2q and warns that it is too big.
      const quantum = item.quantum ?? MTU_FRAME;
      const leaf = `${item.prio === undefined ? '' : ` prio ${item.prio}`} quantum ${quantum}`;
      return `htb rate ${rateArgument(item.rate)} ceil ${rateArgument(item.ceil)} burst ${item.burst}b cburst ${item.cburst}b${leaf}`;
    }
    case 'hfsc':
      return ['hfsc', ...CURVES.flatMap((name) => (item[name] ? [`${name} ${curve(item[name])}`] : []))].join(' ');
    case 'drr':
      return `drr quantum ${item.quantum}b`;
  }
}

function filterAddress({ parent, protocol, pref, chain, kind, handle, keys }: Filter): string {
  // No preference: all the rules there.
  if (pref === 0) {
    return `parent ${parent}${chain ? ` chain ${chain}` : ''}`;
  }
  const place = `parent ${parent} protocol ${protocol} pref ${pref}${chain === undefined ? '' : ` chain ${chain}`}`;
  const mask = kind === 'fw' && keys[0] ? `/${keys[0].split(' ')[1]}` : '';
  return handle === undefined
    ? place
    : `${place} handle ${kind === 'u32' ? handleText(handle) : `0x${handle.toString(16)}`}${mask} ${kind}`;
}

/** The way to name an object for deletion or change. */
function address(object: TreeObject): string {
  switch (object.type) {
    case 'qdisc':
      if (object.value.parent === HOOK) {
        return '';
      }
      return object.value.handle === '0:'
        ? at(object.value.parent)
        : `${at(object.value.parent)} handle ${object.value.handle}`;
    case 'class':
      return `parent ${object.value.parent} classid ${object.value.classid}`;
    case 'filter':
      return filterAddress(object.value);
  }
}

function linkParent(object: TreeObject): TreeObject {
  if (object.type !== 'class' || object.value.parent !== 'root') {
    return object;
  }
  // The class below the qdisc is shown as "root"; tc takes the qdisc's handle.
  return { type: 'class', value: { ...object.value, parent: `${object.value.classid.split(':')[0]}:` } };
}

/** A rule in a table names the bucket beside its handle. */
const bucketWords = (handle = 0): string[] =>
  tableIn(handle) > 0 ? [`ht ${tableIn(handle).toString(16)}:${bucketIn(handle).toString(16)}:`] : [];

function filterArguments({ kind, handle, keys, classid, actions }: Filter): string {
  // A rule with a handle has its kind in its address, where the handle is.
  const words = [
    ...(handle === undefined ? [kind] : []),
    ...(kind === 'u32' && keys[0] !== 'divisor 256' ? bucketWords(handle) : []),
    // The mask of a mark stands beside it.
    ...(kind === 'fw' ? [] : keys),
    ...(classid ? [`${kind === 'u32' ? 'flowid' : 'classid'} ${classid}`] : []),
  ];
  return `${words.join(' ')}${renderActions(actions)}`.trimStart();
}

function argumentsOf(object: TreeObject, verb: Verb): string {
  switch (object.type) {
    case 'qdisc':
      return qdiscArguments(object.value, verb);
    case 'class':
      return classArguments(object.value);
    case 'filter':
      return filterArguments(object.value);
  }
}

export type Verb = 'add' | 'change' | 'replace' | 'del';

/** A line of `ip -batch`. An address is given when a link is made, an alias only later. */
function renderLink(verb: Verb, { name, address, alias }: Ifb): string {
  switch (verb) {
    case 'add':
      return `link add name ${name} address ${address} type ifb`;
    case 'del':
      return `link del dev ${name}`;
    case 'change':
    case 'replace':
      return `link set dev ${name} alias ${alias} up`;
  }
}

/** The hook and its rules are on the interface itself, also where the tree is on an IFB. */
export const isAtHook = (object: TcObject): boolean =>
  (object.type === 'filter' && object.value.parent === ARRIVING) ||
  (object.type === 'qdisc' && object.value.parent === HOOK);

/** One line of `tc -batch`, e.g. "class add dev wan0 parent 1:1 classid 1:10 htb rate 1900kbit …", or of `ip -batch` for a link. */
export function render(verb: Verb, object: TcObject, device: string): string {
  if (object.type === 'link') {
    return renderLink(verb, object.value);
  }
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
  return `${head}${address(named)} ${argumentsOf(named, verb)}`.trimEnd().replace(/  +/, ' ');
}
