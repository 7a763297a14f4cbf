import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings, readToken, readTokens, SettingsError, stateDirectory } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearpath-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('settings', () => {
  it('are safe where nothing is said: loopback, the user’s own state', () => {
    expect(readSettings({ HOME: '/home/ann', XDG_STATE_HOME: '/home/ann/state' })).toEqual({
      state: '/home/ann/state/clearpath',
      store: { databaseUrl: undefined, auditKeyFile: undefined },
      host: '127.0.0.1',
      port: 8003,
      documents: [],
      bridgeTokenFile: '/home/ann/state/clearpath/bridge.token',
      directTokenFile: '/home/ann/state/clearpath/direct.token',
      enter: [],
    });
    expect(stateDirectory({})).toMatch(/\.local\/state\/clearpath$/);
  });
  it('are what the environment says', () => {
    expect(
      readSettings({
        CLEARPATH_STATE: '/s',
        CLEARPATH_LISTEN: '[::1]:9',
        CLEARPATH_DOCUMENTS: '/a.yaml:/b:',
        CLEARPATH_BRIDGE_TOKEN_FILE: '/run/token',
        CLEARPATH_ENTER: '["nsenter", "-t", "1"]',
      })
    ).toMatchObject({
      state: '/s',
      host: '::1',
      port: 9,
      documents: ['/a.yaml', '/b'],
      bridgeTokenFile: '/run/token',
      directTokenFile: '/s/direct.token',
      enter: ['nsenter', '-t', '1'],
    });
  });
  it.each(['8003', ':8003', 'host', 'host:', 'host:99999', 'host:-1', '::1:80', 'a:b:1', 'host:80x'])(
    'refuse to listen on %j',
    (listen) => {
      expect(() => readSettings({ CLEARPATH_LISTEN: listen })).toThrow(
        new SettingsError(`CLEARPATH_LISTEN is "${listen}"; write host:port, e.g. 127.0.0.1:8003.`)
      );
    }
  );
  it.each(['nsenter', '{}', '[1]', '["a"'])('refuse %j as the way into namespaces', (enter) => {
    expect(() => readSettings({ CLEARPATH_ENTER: enter })).toThrow(
      /^CLEARPATH_ENTER is not a JSON list of strings, e\.g\./
    );
  });
});

describe('tokens', () => {
  it('are made at first start, for their owner only, and kept', () => {
    const file = join(folder, 'deeper', 'bridge.token');
    const token = readToken(file);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'deeper')).mode & 0o777).toBe(0o700);
    expect(readToken(file)).toBe(token);
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`);
  });
  it('are refused when they are too short to be one', () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'secret\n');
    expect(() => readToken(file)).toThrow(
      `${file} holds no usable token (at least 16 characters). Delete it to have a new one made.`
    );
  });
  it('are not one for the bridge and for programs', () => {
    const [bridgeTokenFile, directTokenFile] = [join(folder, 'a'), join(folder, 'b')];
    const settings = { ...readSettings({ CLEARPATH_STATE: folder }), bridgeTokenFile, directTokenFile };
    expect(readTokens(settings).bridge).not.toBe(readTokens(settings).direct);
    writeFileSync(directTokenFile, readFileSync(bridgeTokenFile));
    expect(() => readTokens(settings)).toThrow(`${bridgeTokenFile} and ${directTokenFile} hold the same token`);
    expect(existsSync(directTokenFile)).toBe(true);
  });
});
