import { FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { byBinding, readQueues, stateOf, thinned, totalOf } from './queues.ts';
import { countersFrame } from './testing.ts';

const M = 1_000_000;

describe('class counters as queues', () => {
  it('take the newest figure of each quantity and the history of the rate', () => {
    const [voice] =
      readQueues(
        [countersFrame([1000, 2000], { voice: { rate: [1, 2], drops: [0, 3], guarantee: [5, 5], ceiling: [9, 9] } })],
        60
      ) ?? [];
    expect(voice).toMatchObject({
      trafficClass: 'voice',
      rate: 2,
      drops: 3,
      guarantee: 5,
      ceiling: 9,
      backlog: null,
      at: 2000,
    });
    expect(voice.history).toEqual([
      { at: 1000, value: 1 },
      { at: 2000, value: 2 },
    ]);
  });

  it('look back no further than they are asked to', () => {
    const [voice] = readQueues([countersFrame([1000, 58_000, 60_000], { voice: { rate: [1, 2, 3] } })], 2) ?? [];
    expect(voice.history.map(({ at }) => at)).toEqual([58_000, 60_000]);
  });

  it('put rate and drops of two queries together', () => {
    const queues = readQueues(
      [countersFrame([1000], { voice: { rate: [1] } }), countersFrame([1000], { voice: { drops: [4] } })],
      60
    );
    expect(queues).toHaveLength(1);
    expect(queues?.[0]).toMatchObject({ rate: 1, drops: 4 });
  });

  it('keep the order of the policy and the depth of a class', () => {
    const queues = readQueues(
      [countersFrame([1000], { voice: { rate: [1] }, 'voice/g711': { rate: [1] }, bulk: { rate: [2] } })],
      60
    );
    expect(queues?.map(({ trafficClass, depth }) => [trafficClass, depth])).toEqual([
      ['voice', 0],
      ['voice/g711', 1],
      ['bulk', 0],
    ]);
  });

  it('forget a class that has left the policy', () => {
    const queues = readQueues(
      [countersFrame([1000, 20_000], { old: { rate: [1, null] }, voice: { rate: [1, 2] } })],
      60
    );
    expect(queues?.map(({ trafficClass }) => trafficClass)).toEqual(['voice']);
  });

  it('tell frames of another kind from a link without classes', () => {
    expect(readQueues([], 60)).toBeUndefined();
    expect(
      readQueues([toDataFrame({ fields: [{ name: 'time', type: FieldType.time, values: [1] }] })], 60)
    ).toBeUndefined();
    expect(readQueues([countersFrame([], { voice: { rate: [] } })], 60)).toEqual([]);
    expect(
      readQueues([toDataFrame({ name: 'counters', fields: [{ name: 'time', type: FieldType.time, values: [] }] })], 60)
    ).toEqual([]);
  });

  it('keep bindings apart', () => {
    const frames = ['a', 'b'].map((binding) =>
      countersFrame([1000], { voice: { rate: [1] } }, { binding, site: 'branch' })
    );
    expect(byBinding(readQueues(frames, 60) ?? []).map(({ binding }) => binding)).toEqual(['a', 'b']);
  });
});

describe('the state of a class', () => {
  const at = (rate: number, drops = 0) => stateOf({ rate, drops, guarantee: 2 * M, ceiling: 10 * M });

  it.each([
    ['idle', 0, 0],
    ['owed', 1.9 * M, 0],
    ['borrowing', 5 * M, 0],
    ['full', 9.9 * M, 0],
    ['dropping', 5 * M, 12],
    ['deprived', 1 * M, 12],
  ] as const)('is %s at %d bit/s with %d drops', (state, rate, drops) => {
    expect(at(rate, drops)).toBe(state);
  });

  it('promises nothing where the guarantee is unknown', () => {
    expect(stateOf({ rate: 1 * M, drops: null, guarantee: null, ceiling: null })).toBe('sending');
  });
});

describe('the link as a whole', () => {
  it('counts leaves only, because an inner class counts its children', () => {
    const queues =
      readQueues(
        [
          countersFrame([1000], {
            voice: { rate: [3], drops: [1], ceiling: [10] },
            'voice/g711': { rate: [2], drops: [1], ceiling: [10] },
            'voice/opus': { rate: [1], drops: [0], ceiling: [10] },
          }),
        ],
        60
      ) ?? [];
    expect(totalOf(queues)).toEqual({ rate: 3, drops: 1, backlog: null, ceiling: 10 });
  });
});

describe('a long history', () => {
  it('keeps its peaks when there are more seconds than pixels', () => {
    const history = Array.from({ length: 600 }, (_, second) => ({ at: second * 1000, value: second === 333 ? 99 : 1 }));
    const drawn = thinned(history, 600, 100);
    expect(drawn.length).toBeLessThanOrEqual(101);
    expect(Math.max(...drawn.map(({ value }) => value ?? 0))).toBe(99);
  });

  it('is drawn whole when there is room', () => {
    const history = [{ at: 1, value: 1 }];
    expect(thinned(history, 60, 100)).toBe(history);
  });
});
