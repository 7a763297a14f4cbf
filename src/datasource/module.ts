/** The datasource `clearpath-qos-datasource`: panels, alert rules and annotations ask the sidecar through it. */
import { DataSourcePlugin } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { ClearpathDatasource } from './ClearpathDatasource.ts';
import { ConfigEditor } from './ConfigEditor.tsx';
import pluginJson from './plugin.json';
import type { ClearpathQuery } from './query.ts';
import { QueryEditor } from './QueryEditor.tsx';
import type { ClearpathOptions, ClearpathSecrets } from './settings.ts';

// Grafana 12.1 and later load locales/<language>/<id>.json of each plugin, nested ones too.
await initPluginTranslations(pluginJson.id);

export const plugin = new DataSourcePlugin<ClearpathDatasource, ClearpathQuery, ClearpathOptions, ClearpathSecrets>(
  ClearpathDatasource
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
