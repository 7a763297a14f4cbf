/**
 * Stands in for the on-call service of the demo: takes Grafana's webhook notifications and says who would be paged.
 * `node scripts/lib/oncall.mjs [PORT]` runs it on its own, on the address in ONCALL_ADDRESS (loopback by default).
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

/** One line for each alert of a notification (Grafana's webhook body); an empty list when it is none. */
export function pages(notification) {
  const alerts = Array.isArray(notification?.alerts) ? notification.alerts : [];
  return alerts.map(({ status, labels = {}, annotations = {} }) => {
    const { alertname = 'alert', severity, site, service, traffic_class: trafficClass } = labels;
    const where = [site && `site ${site}`, service && `service ${service}`, trafficClass && `class ${trafficClass}`]
      .filter(Boolean)
      .join(', ');
    const verb = status === 'resolved' ? 'On-call would be told that it is over' : 'On-call would be paged';
    return `${verb}: ${severity ? `[${severity}] ` : ''}${annotations.summary ?? alertname}${where ? ` (${where})` : ''}`;
  });
}

const LIMIT = 1_000_000;

/** Listen for notifications; `print` gets each line. Returns `{ url, close }`. */
export async function startOnCall({ print, port = 0, address = '127.0.0.1' }) {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request.setEncoding('utf8')) {
      text += part;
      if (text.length > LIMIT) {
        response.writeHead(413).end();
        return;
      }
    }
    try {
      // What arrives is somebody else's text: no control characters reach the terminal.
      pages(JSON.parse(text)).forEach((line) => print(line.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')));
      response.writeHead(204).end();
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/page`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stand = await startOnCall({
    print: console.log,
    port: Number(process.argv[2] ?? 0),
    address: process.env.ONCALL_ADDRESS ?? '127.0.0.1',
  });
  console.log(`Waiting for notifications at ${stand.url}`);
  ['SIGINT', 'SIGTERM'].forEach((signal) => process.on(signal, () => process.exit(0)));
}
