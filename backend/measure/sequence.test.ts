import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LATE_MS } from '../sla/objective.ts';
import { Sequence } from './sequence.ts';

const EVERY = 20;
const reply = (seq: number, rttMs = 10, ipdvUs: number | null = null) => ({ seq, rttUs: rttMs * 1_000, ipdvUs });
/** When packet `seq` is sent, with the session starting at 0. */
const sent = (seq: number) => seq * EVERY;

describe('the packets of a session', () => {
  it('are received with the time at which they were sent', () => {
    const sequence = new Sequence(EVERY, 0);
    expect(sequence.reply(reply(0), 10)).toEqual({
      received: { sentAt: 0, rttUs: 10_000, ipdvUs: null, jitterUs: null },
      lost: [],
    });
    expect(sequence.reply(reply(1, 26, 16_000), 46)).toMatchObject({
      received: { sentAt: 20, ipdvUs: 16_000, jitterUs: 1_000 },
    });
  });

  it('are lost three seconds after a gap, not before', () => {
    const sequence = new Sequence(EVERY, 0);
    sequence.reply(reply(0), 10);
    sequence.reply(reply(3), sent(3) + 10);
    expect(sequence.settle(sent(1) + LATE_MS - 1)).toEqual([]);
    expect(sequence.settle(sent(2) + LATE_MS)).toEqual([sent(1), sent(2)]);
    expect(sequence.settle(sent(2) + LATE_MS)).toEqual([]);
  });

  it('are received, not lost, when they come out of order', () => {
    const sequence = new Sequence(EVERY, 0);
    sequence.reply(reply(0), 10);
    sequence.reply(reply(2), sent(2) + 10);
    expect(sequence.reply(reply(1, 60), sent(1) + 60).received).toMatchObject({ rttUs: 60_000 });
    expect(sequence.settle(sent(2) + LATE_MS)).toEqual([]);
    expect(sequence.reply(reply(1, 60), sent(1) + 61)).toEqual({ received: null, lost: [] });
  });

  it('are counted by time while nothing comes back, and once only when it comes back', () => {
    const sequence = new Sequence(EVERY, 0);
    sequence.reply(reply(0), 10);
    // Packets 1 to 100 stay away, all of them for longer than the late limit.
    const first = sequence.settle(sent(50) + LATE_MS);
    expect(first).toHaveLength(50);
    const back = sequence.reply(reply(101), sent(101) + 10);
    expect(back.received).not.toBe(null);
    expect(sequence.settle(sent(100) + LATE_MS)).toHaveLength(50);
  });

  it('are lost when their reply takes longer than the late limit, counted once', () => {
    const sequence = new Sequence(EVERY, 0);
    let received = 0;
    let lost = 0;
    for (let seq = 0; seq < 300; seq++) {
      const arrival = sent(seq) + LATE_MS + 500;
      lost += sequence.settle(arrival).length;
      const result = sequence.reply(reply(seq, LATE_MS + 500), arrival);
      received += result.received ? 1 : 0;
      lost += result.lost.length;
    }
    expect(received).toBe(0);
    // 25 more were sent since, half a second ago beyond the limit.
    expect(lost).toBe(325);
  });

  it('take the reply of a server that answers after minutes of silence as it is', () => {
    const sequence = new Sequence(EVERY, 0);
    sequence.settle(60_000);
    // irtt had skipped ticks: the number is lower than the time says.
    expect(sequence.reply(reply(2_800), 60_000).received).not.toBe(null);
    expect(sequence.reply(reply(2_801), 60_020).received).not.toBe(null);
  });

  it('are each received or lost exactly once, whatever is lost, late or out of order', () => {
    const fate = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 200 }) },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.integer({ min: LATE_MS + 1, max: LATE_MS + 3_000 }) }
    );
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1, maxLength: 400 }), (fates) => {
        const sequence = new Sequence(EVERY, 0);
        const arrivals = fates
          .flatMap((rtt, seq) => (rtt === null ? [] : [{ seq, rtt, at: sent(seq) + rtt }]))
          .sort((a, b) => a.at - b.at || a.seq - b.seq);
        const end = sent(fates.length - 1) + LATE_MS;
        let received = 0;
        let lost = 0;
        let tick = 500;
        const settleTo = (now: number) => {
          for (; tick <= now; tick += 500) {
            lost += sequence.settle(tick).length;
          }
        };
        for (const { seq, rtt, at } of arrivals.filter((a) => a.at <= end)) {
          settleTo(at);
          const result = sequence.reply({ seq, rttUs: rtt * 1_000, ipdvUs: null }, at);
          received += result.received ? 1 : 0;
          lost += result.lost.length;
        }
        lost += sequence.settle(end).length;
        expect(received).toBe(fates.filter((f) => f !== null && f <= LATE_MS).length);
        expect(received + lost).toBe(fates.length);
      })
    );
  });
});
