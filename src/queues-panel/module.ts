/** The panel `clearpath-queues-panel`: live rate of each class against its guarantee and ceiling, drops and backlog. */
import { PanelPlugin } from '@grafana/data';
import { initPluginTranslations, t } from '@grafana/i18n';
import { DEFAULT_OPTIONS, type QueuesPanelOptions } from './options.ts';
import pluginJson from './plugin.json';
import { QueuesPanel } from './QueuesPanel.tsx';

// Grafana 12.1 and later load locales/<language>/<id>.json of each plugin, nested ones too.
await initPluginTranslations(pluginJson.id);

export const plugin = new PanelPlugin<QueuesPanelOptions>(QueuesPanel).setPanelOptions((builder) =>
  builder
    .addRadio({
      path: 'unit',
      name: t('options.unit', 'Rates in'),
      defaultValue: DEFAULT_OPTIONS.unit,
      settings: {
        options: [
          { value: 'bits', label: t('options.bits', 'Bits') },
          { value: 'bytes', label: t('options.bytes', 'Bytes') },
        ],
      },
    })
    .addRadio({
      path: 'scale',
      name: t('options.scale', 'Scale of the bars'),
      description: t(
        'options.scaleHelp',
        'The link: bars compare with each other. Each class: a small class fills its bar too.'
      ),
      defaultValue: DEFAULT_OPTIONS.scale,
      settings: {
        options: [
          { value: 'link', label: t('options.link', 'The link') },
          { value: 'class', label: t('options.class', 'Each class') },
        ],
      },
    })
    .addBooleanSwitch({
      path: 'showHistory',
      name: t('options.history', 'Show history'),
      description: t('options.historyHelp', 'The recent rate of each class as a line, where the panel is wide enough.'),
      defaultValue: DEFAULT_OPTIONS.showHistory,
    })
    .addSelect({
      path: 'historySeconds',
      name: t('options.historyLength', 'Length of the history'),
      defaultValue: DEFAULT_OPTIONS.historySeconds,
      settings: {
        options: [
          { value: 60, label: t('options.minute', '1 minute') },
          { value: 120, label: t('options.minutes2', '2 minutes') },
          { value: 300, label: t('options.minutes5', '5 minutes') },
          { value: 900, label: t('options.minutes15', '15 minutes') },
        ],
      },
      showIf: ({ showHistory }) => showHistory,
    })
);
