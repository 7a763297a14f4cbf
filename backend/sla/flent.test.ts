/** The definitions against outside data with known answers: Flent's own sample of a VoIP stream, 14,913 packets at 100 a second. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { interarrivalJitter, ipdv, pdv } from './jitter.ts';
import { judgeProbe, type ProbeWindow } from './judge.ts';
import { objectiveTerms, type ObjectiveTerm } from './objective.ts';
import { percentile } from './percentile.ts';

const folder = process.env['CLEARPATH_DATA'];
const file = folder ? join(folder, 'flent', 'test-voip-1up.flent.gz') : null;
const missing = !file ? 'CLEARPATH_DATA is not set' : existsSync(file) ? null : `${file} does not exist`;

type Packet = { seq: number; t: number; val: number };

describe.skipIf(missing)(`Flent's test-voip-1up${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const packets = missing
    ? []
    : (JSON.parse(gunzipSync(readFileSync(file!)).toString()) as { raw_values: { VoIP: Packet[] } }).raw_values.VoIP;
  const delays = packets.map((p) => p.val * 1_000);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const ms = (us: number | null) => Number((us! / 1_000).toFixed(3));

  it('has 14,913 packets and none lost', () => {
    expect(packets.length).toBe(14_913);
    expect(packets.at(-1)!.seq - packets[0]!.seq + 1).toBe(14_913);
  });
  it('has the known delays: mean 24.954, minimum 24.251, P95 25.368, P99 25.448 ms', () => {
    expect([ms(mean(delays)), ms(Math.min(...delays)), ms(percentile(delays, 95)), ms(percentile(delays, 99))]).toEqual(
      [24.954, 24.251, 25.368, 25.448]
    );
  });
  it('has the known variation: PDV99 1.197, mean |IPDV| 0.118, RFC 3550 J 0.113 ms', () => {
    expect(ms(percentile(pdv(delays), 99))).toBe(1.197);
    expect(ms(mean(ipdv(delays).map(Math.abs)))).toBe(0.118);
    expect(ms(interarrivalJitter(delays).at(-1)!)).toBe(0.113);
  });

  const terms = objectiveTerms({ latency: { p95: 20_000 }, jitter: { p95: 5_000 }, loss: 0.1 }, 100);
  const judged = (term: ObjectiveTerm, seconds: number) => {
    const values = term.metric === 'rfc3550' ? interarrivalJitter(delays) : delays;
    const last = (list: readonly number[]) => list.slice(-seconds * 100);
    const window: ProbeWindow = {
      from: 0, to: seconds * 1_000, watchedFrom: 0, expected: seconds * 100, received: last(delays).length, lost: 0, values: last(values), trouble: null,
    }; // prettier-ignore
    return judgeProbe({ ...term, windowMs: seconds * 1_000 }, window).verdict;
  };
  it('fails the 20 ms latency objective of voice and passes jitter and loss', () => {
    // The recording has 149 s: loss is judged over these instead of five minutes, enough packets for 0.1 %.
    expect([judged(terms[0]!, 60), judged(terms[1]!, 60), judged(terms[2]!, 149)]).toEqual([
      'violated',
      'compliant',
      'compliant',
    ]);
  });
});
