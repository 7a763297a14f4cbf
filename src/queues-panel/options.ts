import type { RateUnit } from './figures.ts';

export interface QueuesPanelOptions {
  unit: RateUnit;
  /** `link`: all classes on one scale; `class`: each to its own ceiling. */
  scale: 'link' | 'class';
  showHistory: boolean;
  historySeconds: number;
}

export const DEFAULT_OPTIONS: QueuesPanelOptions = {
  unit: 'bits',
  scale: 'link',
  showHistory: true,
  historySeconds: 120,
};
