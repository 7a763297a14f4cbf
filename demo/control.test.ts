import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openControl, type Control } from './control.ts';

describe('the switch of the running demo', () => {
  let control: Control;
  let flood: boolean;
  beforeEach(async () => {
    flood = false;
    control = await openControl({
      describe: () => ({ flood }),
      flood: async (on) => {
        flood = on;
      },
    });
  });
  afterEach(() => control.close());

  const put = (body: string) => fetch(`${control.url}/flood`, { method: 'PUT', body });

  it('says and switches the flood', async () => {
    expect(await (await put('{"on":true}')).json()).toEqual({ flood: true });
    expect(await (await fetch(`${control.url}/`)).json()).toEqual({ flood: true });
  });

  it('leaves the flood as it is when the request is not understood', async () => {
    expect((await put('{"on":"yes"}')).status).toBe(400);
    expect((await put('nonsense')).status).toBe(400);
    expect((await fetch(`${control.url}/flood`, { method: 'POST', body: '{"on":true}' })).status).toBe(404);
    expect(flood).toBe(false);
  });

  it('answers nobody who reached it under another name', async () => {
    const status = await new Promise((resolve) => {
      http.get(`${control.url}/`, { headers: { host: 'evil.example' } }, (response) => resolve(response.statusCode));
    });
    expect(status).toBe(421);
  });
});
