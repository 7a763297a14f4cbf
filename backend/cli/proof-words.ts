/** A proof as the command line tells it. */
import { formatRate } from '../policy/index.ts';
import type { Phase, ProofReport, PromiseResult } from '../prove/index.ts';

const MARK = { held: 'held      ', broken: 'BROKEN    ', 'not-judged': 'not judged' } as const;

function figure(value: number, unit: PromiseResult['unit']): string {
  return unit === 'bit/s' ? formatRate(Math.round(value)) : `${Number(value.toFixed(3))} ${unit}`;
}

function sayPromise({ verdict, says, measured, bound, side, unit, reason }: PromiseResult): string {
  const limit = `${side === 'at-least' ? 'at least' : 'at most'} ${figure(bound, unit)}`;
  const seen = measured === null ? '' : ` Measured ${figure(measured, unit)}, held with ${limit}.`;
  return `${MARK[verdict]}  ${says}${seen}\n${reason && verdict !== 'held' ? `            ${reason}\n` : ''}`;
}

export const VERDICT = {
  held: 'Every promise held.',
  broken: 'Promises were BROKEN.',
  inconclusive: 'Not proved: nothing is known to be broken, but not everything could be judged.',
} as const;

export function sayProof(report: ProofReport): string {
  const { policy, kernel, bandwidth, provedAt, took, promises, notes, verdict } = report;
  const less =
    provedAt < bandwidth
      ? `Proved at ${formatRate(provedAt)} in place of ${formatRate(bandwidth)}, which this machine cannot drive: bursts and timers of the faster link are not proved.\n`
      : '';
  const counts = promises.filter((promise) => promise.verdict === 'held').length;
  return `${notes.map((note) => `Note: ${note}\n`).join('')}${promises.map(sayPromise).join('')}${less}${policy} at ${formatRate(provedAt)} on ${kernel}, ${Math.round(took / 1000)} s: ${counts} of ${promises.length} promises held.\n${VERDICT[verdict]}\n`;
}

export function sayPhase({ kind, subject }: Pick<Phase, 'kind' | 'subject'>): string {
  switch (kind) {
    case 'all':
      return 'every class above its ceiling';
    case 'strict':
      return 'strict classes inside their rate, all others above their ceilings';
    case 'idle':
      return `every class but ${subject}`;
    case 'alone':
      return `${subject} alone`;
    case 'police':
      return `${subject} alone, above the rate of its police`;
    case 'wire':
      return `${subject} alone, in small packets`;
  }
}
