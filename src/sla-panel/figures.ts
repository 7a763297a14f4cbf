/** Figures of an objective, number and unit apart so that the number can be drawn large. */
import { formatMeasure } from '../components/units.ts';
import type { Objective } from './objectives.ts';

export interface Figure {
  number: string;
  unit: string;
}

export const inWords = ({ number, unit }: Figure) => (unit === '' ? number : `${number} ${unit}`);

const split = (words: string): Figure => {
  const [number = '', unit = ''] = words.split(' ');
  return { number, unit };
};

export const thresholdFigure = ({ threshold, unit }: Pick<Objective, 'threshold' | 'unit'>): Figure =>
  split(formatMeasure(threshold, unit));

/** Undefined without a value. 20.03 ms against 20 ms is "20.03 ms": shown as "20 ms" nobody could understand its verdict. */
export function valueFigure({
  value,
  threshold,
  unit,
}: Pick<Objective, 'value' | 'threshold' | 'unit'>): Figure | undefined {
  if (value === null) {
    return undefined;
  }
  const short = split(formatMeasure(value, unit));
  const limit = thresholdFigure({ threshold, unit });
  if (value === threshold || short.number !== limit.number || short.unit !== limit.unit) {
    return short;
  }
  const scale = threshold === 0 ? 1 : Number(limit.number) / threshold;
  for (let digits = 2; digits < 6; digits += 1) {
    const number = String(Number((value * scale).toFixed(digits)));
    if (number !== limit.number) {
      return { number, unit: limit.unit };
    }
  }
  return short;
}

/** Of what was to be measured, what was: rounded down, because 100 % means all of it. */
export const coverageFigure = (coverage: number) => `${Math.floor(coverage * 100 + 1e-9)} %`;
