/** The app's own names. Ids are read from the manifests, so that they are written once. */
import pluginJson from './plugin.json';

export const APP_ID = pluginJson.id;
export const APP_ROOT = `/a/${APP_ID}`;
export const DATASOURCE_TYPE = 'clearpath-qos-datasource';
/** The uid that the shipped provisioning gives the datasource; the app's settings may name another. */
export const DEFAULT_DATASOURCE_UID = 'clearpath-qos';
