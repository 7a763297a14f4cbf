import type { Density } from './layout.ts';

export interface SlaPanelOptions {
  density: Density;
  showNotMeasured: boolean;
  groupBySite: boolean;
  showTrend: boolean;
  showSummary: boolean;
}

export const DEFAULT_OPTIONS: SlaPanelOptions = {
  density: 'auto',
  showNotMeasured: true,
  groupBySite: true,
  showTrend: true,
  showSummary: true,
};
