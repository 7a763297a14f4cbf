import os from 'node:os';
import { expect, it } from 'vitest';
import { describeGrafana, findGrafana } from './grafana.mjs';

it('refuses a GRAFANA_HOME that holds no Grafana, rather than take another one', async () => {
  await expect(findGrafana({ env: { GRAFANA_HOME: os.tmpdir() } })).rejects.toThrow(
    /GRAFANA_HOME is .* holds no Grafana .* was not started/
  );
});

it('says which Grafana it takes', () => {
  expect(describeGrafana({ kind: 'home', home: '/opt/grafana', binary: '/opt/grafana/bin/grafana' })).toBe(
    'Grafana in /opt/grafana'
  );
  expect(describeGrafana({ kind: 'docker', image: 'grafana/grafana:12.2.0' })).toContain('Docker');
});
