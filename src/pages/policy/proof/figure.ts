/** Figures of a proof as an operator writes them. */
import { formatBitrate } from '../../../components/units.ts';
import type { ProofPromise } from '../../../data/index.ts';

export function formatFigure(value: number, unit: ProofPromise['unit']): string {
  return unit === 'bit/s' ? formatBitrate(Math.round(value)) : `${Number(value.toFixed(value < 1 ? 3 : 1))} ${unit}`;
}

export const formatMeasured = ({ measured, unit }: ProofPromise): string =>
  measured === null ? '–' : formatFigure(measured, unit);

/** "≥ 5.41 Mbit/s": what still counts as held. */
export const formatBound = ({ bound, side, unit }: ProofPromise): string =>
  `${side === 'at-least' ? '≥' : '≤'} ${formatFigure(bound, unit)}`;

const ORDER: Record<ProofPromise['verdict'], number> = { broken: 0, 'not-judged': 1, held: 2 };

/** What needs attention first; otherwise in the order of the report. */
export const byUrgency = (promises: readonly ProofPromise[]): ProofPromise[] =>
  [...promises].sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict]);

/** The worst that was found of one class by itself: a share that went wrong is no single class's fault. */
export function verdictOfClass(promises: readonly ProofPromise[], path: string): ProofPromise['verdict'] {
  const own = promises.filter((promise) => promise.class === path && promise.kind !== 'sharing');
  return byUrgency(own)[0]?.verdict ?? 'not-judged';
}
