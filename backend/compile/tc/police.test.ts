import { describe, expect, it } from 'vitest';
import { misfits } from '../../policy/scheduling.ts';
import { policyText, resolved } from '../../policy/testing.ts';
import { CompileError } from './compile-error.ts';
import { diff } from './diff.ts';
import { hooked, noIngress } from './ingress.ts';
import type { Capabilities } from './model.ts';
import { compiled, FULL } from './testing.ts';

const WITHOUT_IFB: Capabilities = { ...FULL, received: true, ingress: ['clsact', 'matchall'] };
const WITH_IFB: Capabilities = { ...WITHOUT_IFB, ingress: ['clsact', 'matchall', 'ifb'] };
const policy = (head: string, ...classes: string[]) => resolved(policyText(`{bandwidth: 10mbit, ${head} classes: [\n${classes.join(',\n')}]}`)); // prettier-ignore
const VOICE = '{name: voice, match: [{dscp: ef}], strict: true, guarantee: 1mbit}';
const BULK = '{name: bulk, match: [{dscp: af11}], ceiling: 2mbit}';
const REST = '{name: rest, default: true, guarantee: 3mbit}';

const lines = (head: string, capabilities: Capabilities, ...classes: string[]) => {
  const tree = hooked(compiled(policy(head, ...classes), capabilities).tree, 'wan0', noIngress('wan0'), capabilities);
  return diff({ qdiscs: [], classes: [], filters: [] }, tree, { device: 'wan0:ingress', origins: tree.origins });
};
const refusal = (head: string, capabilities: Capabilities) => {
  try {
    lines(head, capabilities, VOICE, BULK, REST);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
    return (error as CompileError).message;
  }
};

describe('police of what is received', () => {
  it('is what auto takes without an IFB, and says what it does not hold', () => {
    const { scheduler, notes } = compiled(policy('', VOICE, BULK, REST), WITHOUT_IFB);
    expect(scheduler).toBe('police');
    expect(notes.join('\n')).toContain('since this kernel (Linux 7.2) has no IFB');
    expect(notes.filter((note) => note.startsWith('Police does not hold this'))).toEqual([
      'Police does not hold this: "voice" is strict, the ceilings of the classes of the link sum to 13 Mbit/s of 10 Mbit/s, and it keeps nothing free for one while others take it.',
      'Police does not hold this: "rest" is guaranteed 3 Mbit/s, the ceilings of the classes of the link sum to 13 Mbit/s of 10 Mbit/s, and it keeps nothing free for one while others take it.',
    ]);
    expect(compiled(policy('', VOICE, BULK, REST), WITH_IFB).scheduler).toBe('htb');
  });

  it('has a chain for each class, a bucket for each ceiling below the one above it, and one for the link', () => {
    const operations = lines('', WITHOUT_IFB, VOICE, BULK, '{name: rest, default: true}');
    const police = operations.map(({ line }) => /chain (\d+) .*police rate (\S+) .* overhead 14 conform-exceed (.*)$/.exec(line)?.slice(1)); // prettier-ignore
    expect(police.filter(Boolean)).toEqual([
      [String(0x40000), '10mbit', 'drop / continue'],
      ['16', '1mbit', 'drop / continue'],
      ['17', '2mbit', 'drop / continue'],
    ]);
    // Chains stand before any rule leads to them, and every operation says where in the policy it comes from.
    const first = operations.findIndex(({ line }) => line.includes('ip_tos'));
    expect(operations.slice(first).some(({ line }) => line.includes('police'))).toBe(false);
    expect(operations.every(({ path }) => path !== '')).toBe(true);
  });

  it('holds guarantees, strict ones too, where the ceilings fit into the one above', () => {
    const fits = policy('', VOICE, BULK, '{name: rest, default: true, guarantee: 3mbit, ceiling: 7mbit}');
    expect(misfits('police', fits)).toEqual([]);
    const inside = policy('', VOICE, `{name: office, default: true, ceiling: 9mbit, guarantee: 5mbit, classes: [${BULK}, {name: desks, default: true, guarantee: 2mbit}]}`); // prettier-ignore
    expect(misfits('police', inside).map(({ path }) => path)).toEqual(['spec.classes[1].classes[1].guarantee']);
  });

  it('is refused where it cannot hold the policy, for what leaves, and on a kernel that lacks it', () => {
    expect(refusal('scheduler: police,', WITH_IFB)).toContain('Police cannot hold this: "voice" is strict');
    expect(refusal('scheduler: police,', FULL)).toContain('bind the policy with direction: ingress');
    expect(refusal('scheduler: htb,', WITHOUT_IFB)).toContain('or use scheduler: police, which needs no IFB');
    expect(refusal('', { ...WITHOUT_IFB, classifiers: ['u32'] })).toContain('no cls_flower, which police takes');
  });
});
