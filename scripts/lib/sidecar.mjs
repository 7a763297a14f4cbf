/** Start the sidecar and wait until it answers. */
import path from 'node:path';
import { findNode24, NO_NODE_24 } from '../../backend/node24.mjs';
import { startService, untilReady } from './service.mjs';

/**
 * `state` holds its database and the token file; `enter` is the demo's way into its namespaces; `documents` are imported
 * at the first start. `spawned` gets the service before it is ready. Returns it with its `url`.
 */
export async function startSidecar({
  root,
  state,
  port,
  tokenFile,
  enter = [],
  documents = [],
  log,
  env = {},
  spawned = () => undefined,
}) {
  const node = findNode24();
  if (node === null) {
    throw new Error(NO_NODE_24);
  }
  const service = startService({
    name: 'The sidecar',
    argv: [node, path.join(root, 'backend/clearpathd.ts')],
    cwd: root,
    log,
    env: {
      ...process.env,
      // Where Debian keeps tc and ip, for a user whose PATH does not have it.
      PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
      CLEARPATH_STATE: state,
      CLEARPATH_LISTEN: `127.0.0.1:${port}`,
      CLEARPATH_ENTER: JSON.stringify(enter),
      CLEARPATH_BRIDGE_TOKEN_FILE: tokenFile,
      CLEARPATH_DOCUMENTS: documents.join(':'),
      ...env,
    },
  });
  spawned(service);
  const url = `http://127.0.0.1:${port}`;
  await untilReady(service, `${url}/readyz`, 30_000);
  return Object.assign(service, { url });
}
