/** What the datasource keeps: the sidecar's address in the open, the token in Grafana's secure settings. */
import type { DataSourceJsonData } from '@grafana/data';

export interface ClearpathOptions extends DataSourceJsonData {
  /** As the Grafana server reaches it, e.g. http://127.0.0.1:8003. */
  url?: string;
}

/** Reaches the bridge only; the browser learns no more than that it is set. */
export interface ClearpathSecrets {
  token?: string;
}
