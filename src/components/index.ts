/** What several pages share: how rates, verdicts, states and problems are said and drawn. */
export { ClassSwatch } from './ClassSwatch.tsx';
export { Countdown } from './Countdown.tsx';
export { Coverage } from './Coverage.tsx';
export { DataTable } from './DataTable.tsx';
export { ModalFoot } from './ModalFoot.tsx';
export { PermissionButton } from './PermissionButton.tsx';
export { ProblemAlert } from './ProblemAlert.tsx';
export { SkeletonLines } from './SkeletonLines.tsx';
export { StateLabel, toneColor, type Tone } from './StateLabel.tsx';
export { Moment } from './Moment.tsx';
export { TrendLine } from './TrendLine.tsx';
export { getTableStyles } from './tableStyles.ts';
export { sideText } from './sideText.ts';
export { StateCounts } from './StateCounts.tsx';
