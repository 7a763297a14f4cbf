/** Sentences that several drawings of an objective share. */
import { t } from '@grafana/i18n';
import { sayVerdict } from '../components/said.ts';
import { coverageFigure, inWords, thresholdFigure, valueFigure } from './figures.ts';
import type { Objective } from './objectives.ts';

/** Stands where a figure would. */
export const NOTHING = '–';

/** "≤ 20 ms" */
export const limitWords = (objective: Objective) =>
  `${objective.floor ? '≥' : '≤'} ${inWords(thresholdFigure(objective))}`;

/** "at most 20 ms", for ears. */
export const limitSpoken = (objective: Objective) =>
  objective.floor
    ? t('objective.atLeast', 'at least {{threshold}}', { threshold: inWords(thresholdFigure(objective)) })
    : t('objective.atMost', 'at most {{threshold}}', { threshold: inWords(thresholdFigure(objective)) });

/** "2,995 of 3,000" */
export const samplesWords = ({ samples, expected }: Objective) =>
  t('objective.samples', '{{samples}} of {{expected}}', { samples: count(samples), expected: count(expected) });

/** "2,995", where there is no room for more. */
export const count = (samples: number) => samples.toLocaleString('en-US');

/** Objectives that were to be measured have samples and coverage; the others have a reason instead. */
export const isCounted = ({ expected, samples }: Objective) => expected > 0 || samples > 0;

export const coverageWords = ({ coverage }: Objective) => (coverage === null ? NOTHING : coverageFigure(coverage));

/** Everything that the eye gets from a tile, as one sentence. */
export function spoken(objective: Objective): string {
  const figure = valueFigure(objective);
  return t('objective.spoken', '{{trafficClass}}, {{label}}: {{verdict}}. {{value}}, {{limit}}.', {
    trafficClass: objective.trafficClass,
    label: objective.label,
    verdict: sayVerdict(objective.verdict).word,
    value: figure ? inWords(figure) : t('objective.noFigure', 'No figure'),
    limit: limitSpoken(objective),
    interpolation: { escapeValue: false },
  });
}
