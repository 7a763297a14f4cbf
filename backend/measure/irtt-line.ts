/** irtt's per-packet lines (irtt 0.9, flushed packet by packet; its JSON comes only at the end of a session). */

export type IrttLine =
  | { kind: 'connected' }
  /** Times in microseconds. irtt rounds to two decimals of the unit, so above a millisecond to 10 µs. */
  | { kind: 'reply'; seq: number; rttUs: number; ipdvUs: number | null }
  | { kind: 'failure'; message: string };

const REPLY = /^seq=(\d+) rtt=(\S+) .*?ipdv=(\S+)/;
const DURATION = /(\d+(?:\.\d+)?)(h|ms|m|s|µs|us|ns)/g;
const MICROSECONDS: Record<string, number> = { h: 3_600e6, m: 60e6, s: 1e6, ms: 1e3, µs: 1, us: 1, ns: 1e-3 };

/** Go's notation of durations, "1m2.5s" or "51.27ms", in microseconds; null where it is none ("n/a"). */
export function parseGoDuration(text: string): number | null {
  const parts = [...text.matchAll(DURATION)];
  if (parts.length === 0 || parts.map((p) => p[0]).join('') !== text.replace(/^-/, '')) {
    return null;
  }
  const us = parts.reduce((sum, [, number, unit]) => sum + Number(number) * MICROSECONDS[unit!]!, 0);
  // Clock granularity can make a round trip less the server's time negative on one machine.
  return text.startsWith('-') ? 0 : us;
}

/** @returns null for lines that say nothing here: statistics, duplicates ("DUP! seq=7"), notices */
export function parseIrttLine(line: string): IrttLine | null {
  const reply = REPLY.exec(line);
  if (reply) {
    const rtt = parseGoDuration(reply[2]!);
    const ipdv = parseGoDuration(reply[3]!);
    return rtt === null
      ? null
      : {
          kind: 'reply',
          seq: Number(reply[1]),
          rttUs: Math.round(rtt),
          ipdvUs: ipdv === null ? null : Math.round(ipdv),
        };
  }
  if (line.includes('[Connected]')) {
    return { kind: 'connected' };
  }
  const failure =
    /^(?:Error: |Terminated due to |\[(?:OpenTimeout|ServerRestriction|ServerClosed|[A-Za-z]*Error)\] )(.+)$/.exec(
      line
    );
  return failure ? { kind: 'failure', message: failure[1]!.trim() } : null;
}
