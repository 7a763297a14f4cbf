/** The app's words in the languages of plugin.json. English stands in the source; the catalogue is written from it. */
import { initPluginTranslations, type ResourceLoader } from '@grafana/i18n';
import { APP_ID } from '../constants.ts';

const catalogue: ResourceLoader = async (language) => {
  switch (language) {
    case 'en-US':
    default:
      return (await import('./en-US/clearpath-qos-app.json')).default;
  }
};

export const loadWords = () => initPluginTranslations(APP_ID, [catalogue]);
