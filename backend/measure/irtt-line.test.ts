import { describe, expect, it } from 'vitest';
import { parseGoDuration, parseIrttLine } from './irtt-line.ts';

describe('irtt 0.9 lines', () => {
  it('gives the round trip and the variation of a reply in whole microseconds', () => {
    expect(parseIrttLine('seq=9 rtt=282µs rd=68.1µs sd=214µs ipdv=9.2µs')).toEqual({
      kind: 'reply',
      seq: 9,
      rttUs: 282,
      ipdvUs: 9,
    });
    expect(parseIrttLine('seq=0 rtt=1.61ms rd=1.26ms sd=349µs ipdv=n/a')).toEqual({
      kind: 'reply',
      seq: 0,
      rttUs: 1_610,
      ipdvUs: null,
    });
  });
  it('reads a reply that came out of order, and passes over a duplicate', () => {
    expect(parseIrttLine('seq=5 rtt=51.27ms rd=51ms sd=267µs ipdv=50.75ms (LATE)')).toEqual({
      kind: 'reply',
      seq: 5,
      rttUs: 51_270,
      ipdvUs: 50_750,
    });
    expect(parseIrttLine('DUP! seq=7')).toBe(null);
  });
  it('keeps irtt’s own words when it fails', () => {
    const said = (line: string) => (parseIrttLine(line) as { message?: string } | null)?.message;
    expect(said('Error: read udp4 127.0.0.1:4->127.0.0.1:5: read: connection refused')).toBe(
      'read udp4 127.0.0.1:4->127.0.0.1:5: read: connection refused'
    );
    expect(said('[OpenTimeout] no reply from server')).toBe('no reply from server');
    expect(said('[ServerRestriction] server increased interval from 5ms to 10ms')).toBe(
      'server increased interval from 5ms to 10ms'
    );
    expect(said('Terminated due to receive error: read: connection refused')).toBe(
      'receive error: read: connection refused'
    );
  });
  it('knows when the session stands, and takes nothing from the statistics', () => {
    expect(parseIrttLine('[127.0.0.1:2112] [Connected] connection established')).toEqual({ kind: 'connected' });
    expect(parseIrttLine('[Connecting] connecting to 127.0.0.1:2112')).toBe(null);
    expect(parseIrttLine('                RTT   132µs   225µs   223µs   313µs  33.8µs')).toBe(null);
    expect(parseIrttLine('')).toBe(null);
  });
  it('reads Go’s durations of several units', () => {
    expect(parseGoDuration('1m2.5s')).toBe(62_500_000);
    expect(parseGoDuration('1.2s')).toBe(1_200_000);
    expect(parseGoDuration('581ns')).toBe(0.581);
    expect(parseGoDuration('-3µs')).toBe(0);
    expect(parseGoDuration('n/a')).toBe(null);
    expect(parseGoDuration('5')).toBe(null);
  });
});
