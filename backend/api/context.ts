/** What the routes work with. */
import type { Catalog, Engine, Rollouts } from '../deploy/index.ts';
import type { Monitor } from '../measure/index.ts';
import type { Store } from '../store/index.ts';
import type { Hub } from './hub.ts';
import type { Prover } from './prover.ts';
import type { Token } from './rights.ts';

export interface Context {
  store: Store;
  engine: Engine;
  catalog: Catalog;
  rollouts: Rollouts;
  monitor: Monitor;
  hub: Hub;
  prover: Prover;
  tokens: readonly Token[];
  version: string;
  /** Called when documents or deployments changed what is to be measured. */
  changed: (tenant: string) => Promise<void>;
  /** How often an event stream says that it is alive; 15 s by default. */
  keepAliveMs?: number;
}
