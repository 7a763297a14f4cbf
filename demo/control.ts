/**
 * The switch of the running demo, over HTTP on loopback:
 *   GET /        what runs
 *   PUT /flood   {"on": true} or {"on": false}
 * PUT, because a web page elsewhere cannot send one unasked; the Host is checked, because a name can be made to resolve here.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Switchboard {
  describe(): Record<string, unknown>;
  flood(on: boolean): Promise<void>;
}

export interface Control {
  url: string;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > 1000) {
      return null;
    }
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function answer(request: IncomingMessage, board: Switchboard): Promise<Answer> {
  const name = request.headers.host?.replace(/:\d+$/, '');
  if (name !== '127.0.0.1' && name !== 'localhost') {
    return { status: 421, body: { title: 'The demo answers only as 127.0.0.1 and localhost.' } };
  }
  if (request.method === 'GET' && request.url === '/') {
    return { status: 200, body: board.describe() };
  }
  if (request.method === 'PUT' && request.url === '/flood') {
    const body = await bodyOf(request);
    if (typeof body !== 'object' || body === null || !('on' in body) || typeof body.on !== 'boolean') {
      return { status: 400, body: { title: 'The flood was left as it is. Send {"on": true} or {"on": false}.' } };
    }
    await board.flood(body.on);
    return { status: 200, body: board.describe() };
  }
  return { status: 404, body: { title: 'There is GET / and PUT /flood.' } };
}

/** Port 0 takes a free one. */
export async function openControl(board: Switchboard, port = 0): Promise<Control> {
  const server: Server = createServer((request, response) => {
    answer(request, board)
      .catch((error: unknown): Answer => ({
        status: 500,
        body: { title: error instanceof Error ? error.message : String(error) },
      }))
      .then(({ status, body }) => {
        response
          .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
          .end(`${JSON.stringify(body)}\n`);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
