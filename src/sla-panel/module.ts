/** The panel `clearpath-sla-panel`: class by objective, what is owed and what was got, violations first. */
import { PanelPlugin } from '@grafana/data';
import { initPluginTranslations, t } from '@grafana/i18n';
import { DEFAULT_OPTIONS, type SlaPanelOptions } from './options.ts';
import pluginJson from './plugin.json';
import { SlaPanel } from './SlaPanel.tsx';

// Grafana 12.1 and later load locales/<language>/<id>.json of each plugin, nested ones too.
await initPluginTranslations(pluginJson.id);

export const plugin = new PanelPlugin<SlaPanelOptions>(SlaPanel).setPanelOptions((builder) =>
  builder
    .addRadio({
      path: 'density',
      name: t('options.density', 'Density'),
      description: t(
        'options.densityHelp',
        'Automatic: a wall of tiles while they stay readable from three metres, else a table, else one line each.'
      ),
      defaultValue: DEFAULT_OPTIONS.density,
      settings: {
        options: [
          { value: 'auto', label: t('options.auto', 'Automatic') },
          { value: 'wall', label: t('options.wall', 'Wall') },
          { value: 'table', label: t('options.table', 'Table') },
          { value: 'compact', label: t('options.compact', 'Compact') },
        ],
      },
    })
    .addBooleanSwitch({
      path: 'showNotMeasured',
      name: t('options.notMeasured', 'Show not measured'),
      description: t(
        'options.notMeasuredHelp',
        'Objectives that are stated but that nothing measures yet. Off: the summary still counts them.'
      ),
      defaultValue: DEFAULT_OPTIONS.showNotMeasured,
    })
    .addBooleanSwitch({
      path: 'groupBySite',
      name: t('options.groupBySite', 'Group by site'),
      description: t('options.groupBySiteHelp', 'The site with the worst objective comes first.'),
      defaultValue: DEFAULT_OPTIONS.groupBySite,
    })
    .addBooleanSwitch({
      path: 'showTrend',
      name: t('options.trend', 'Show trend'),
      defaultValue: DEFAULT_OPTIONS.showTrend,
    })
    .addBooleanSwitch({
      path: 'showSummary',
      name: t('options.summary', 'Show summary'),
      description: t('options.summaryHelp', 'How many objectives stand how, above the rest.'),
      defaultValue: DEFAULT_OPTIONS.showSummary,
    })
);
