/** TCP ports on loopback. */
import { createServer } from 'node:net';

function tryPort(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const taken = server.address().port;
      server.close(() => resolve(taken));
    });
  });
}

/** `wanted` when it is free, else any free one; 0 is any. */
export async function freePort(wanted = 0) {
  const port = (await tryPort(wanted)) ?? (await tryPort(0));
  if (port === null) {
    throw new Error('No TCP port is free on 127.0.0.1. Nothing was started.');
  }
  return port;
}
