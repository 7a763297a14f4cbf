/** The command line as an operator types it: a real process on the real kernel, in a network namespace of its own. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { haveTraffic, NO_TRAFFIC } from '../kernel/traffic.ts';
import { openStore } from '../../backend/store/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLE = path.join(ROOT, 'examples/branch-edge.yaml');
const SOURCE = readFileSync(EXAMPLE, 'utf8');
const NAMESPACE = `clearpath-cli-${process.pid}`;
const home = mkdtempSync(path.join(tmpdir(), 'clearpath-cli-'));

const attempt = (argv: readonly string[]) => spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8' });
const possible = attempt(['ip', 'netns', 'add', NAMESPACE]).status === 0;
const why = possible ? '' : ' — skipped: network namespaces cannot be made here (root, and iproute2)';

function clearpath(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'backend/cli/main.ts'), ...words], {
    encoding: 'utf8',
    env: { ...process.env, CLEARPATH_STATE: path.join(home, 'state'), CLEARPATH_ENTER: '' },
  });
  return { status, stdout, stderr, json: () => JSON.parse(stdout) as Record<string, unknown> };
}
const on = (...words: string[]) => clearpath(...words, '--interface', 'wan0', '--namespace', NAMESPACE);
const tc = (...words: string[]) => execFileSync('tc', ['-n', NAMESPACE, ...words], { encoding: 'utf8' });
const written = (name: string, text: string) => {
  const file = path.join(home, name);
  writeFileSync(file, text);
  return file;
};
const operations = (result: Record<string, unknown>) =>
  (result.operations as Array<{ command: string }>).map(({ command }) => command);

beforeAll(() => {
  if (possible) {
    execFileSync('ip', ['-n', NAMESPACE, 'link', 'add', 'wan0', 'type', 'veth', 'peer', 'name', 'wan1']);
    execFileSync('ip', ['-n', NAMESPACE, 'link', 'set', 'wan0', 'up']);
  }
});
afterEach(() => {
  if (possible) attempt(['tc', '-n', NAMESPACE, 'qdisc', 'del', 'dev', 'wan0', 'root']);
  rmSync(path.join(home, 'state'), { recursive: true, force: true });
});
afterAll(() => {
  if (possible) execFileSync('ip', ['netns', 'del', NAMESPACE]);
  rmSync(home, { recursive: true, force: true });
});

describe('clearpath validate', { timeout: 30_000 }, () => {
  it('ends with 0 for the example and prints what each class is owed', () => {
    const { status, stdout } = clearpath('validate', EXAMPLE);
    expect(status).toBe(0);
    expect(stdout).toMatch(/voice\s+strict\s+1\.9 Mbit\/s\s+1\.9 Mbit\/s/);
  });

  it('ends with 1 for a policy that guarantees more than there is, with file, line, path and code', () => {
    const file = written('over.yaml', SOURCE.replace('guarantee: 50%', 'guarantee: 70%'));
    const { status, stderr } = clearpath('validate', file);
    expect(status).toBe(1);
    expect(stderr).toContain(`${file}:29: error   CP-GUARANTEE-SUM spec.classes[4].guarantee`);
    const json = clearpath('validate', file, '--json').json();
    expect(json).toMatchObject({
      valid: false,
      findings: expect.arrayContaining([expect.objectContaining({ code: 'CP-GUARANTEE-SUM', line: 29 })]),
    });
  });

  it('prints the file with its fixes, keeping comments, and writes it only when told to', () => {
    const wrong = SOURCE.replace('guarantee: 50%', 'guarantee: 70% # too much').replace('    - name: bulk', '    - name: bulk\n      burst: 100B');
    const file = written('broken.yaml', wrong);
    const { status, stdout, stderr } = clearpath('fix', file);
    expect(stdout).toBe(wrong.replace('70%', '50%').replace('      burst: 100B\n', ''));
    expect(status).toBe(0);
    expect(stderr).toMatch(/fixed {3}CP-GUARANTEE-SUM spec\.classes\[4\]\.guarantee\n {4}Lower the guarantee of "default" to 50%/);
    expect(readFileSync(file, 'utf8')).toBe(wrong);
    expect(clearpath('fix', file, '--yes', '--json').json()).toMatchObject({ written: true, fixes: [{ code: 'CP-GUARANTEE-SUM' }, { code: 'CP-BURST' }] });
    expect(readFileSync(file, 'utf8')).toBe(stdout);
    expect(clearpath('fix', '-', '--yes').status).toBe(2);
  }); // prettier-ignore

  it('takes every template that it lists, and says what there is when asked for another', () => {
    const { templates } = clearpath('templates', '--json').json() as { templates: Array<{ name: string }> };
    expect(templates.map(({ name }) => name)).toContain('small-branch-voice');
    const { status, stdout } = clearpath('templates', 'small-branch-voice');
    expect(status).toBe(0);
    expect(clearpath('validate', written('template.yaml', stdout)).status).toBe(0);
    const unknown = clearpath('templates', 'absent');
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('There are home, ')]);
  });

  it('takes values for variables, and asks for those that have no default before it plans', () => {
    const file = written(
      'office.yaml',
      SOURCE.replace(
        'bandwidth: 19mbit',
        'bandwidth: ${line}\n  variables:\n    line: { type: rate, example: 19mbit }\n    voice: { type: rate, default: 10% }'
      ).replace('guarantee: 10%', 'guarantee: ${voice}')
    );
    expect(clearpath('validate', file).stdout).toContain('${line} is 19mbit, as an example.');
    const { stdout } = clearpath('validate', file, '--set', 'line=40mbit', '--set', 'voice=5%');
    expect(stdout).toMatch(/voice\s+strict\s+2 Mbit\/s\s+2 Mbit\/s/);
    const wrong = clearpath('validate', file, '--set', 'line=40', '--set', 'vioce=1%');
    expect(wrong.stderr).toContain(`${file}:6: error   CP-VARIABLE-UNKNOWN spec.variables.vioce`);
    expect(wrong.stderr).toContain(`${file}:7: error   CP-VARIABLE-TYPE spec.variables.line`);
    expect(clearpath('plan', file, '--interface', 'lo').stderr).toContain('CP-VARIABLE-MISSING spec.variables.line');
    expect(clearpath('validate', file, '--set', 'line').status).toBe(2);
  });

  it('ends with 2 for wrong use: no command, an unknown one, no file, a file that is not there', () => {
    for (const words of [
      [],
      ['unfold'],
      ['validate'],
      ['validate', '/nowhere.yaml'],
      ['plan', EXAMPLE],
      ['validate', EXAMPLE, '--frobnicate'],
    ]) {
      expect(clearpath(...words).status, words.join(' ')).toBe(2);
    }
  });
});

const unproved = why || (NO_TRAFFIC ? ` — skipped: ${NO_TRAFFIC}` : '');
describe(`clearpath prove${unproved}`, { timeout: 120_000 }, () => {
  const one = () => written('one.yaml', 'apiVersion: clearpath/v1\nkind: Policy\nmetadata: { name: one }\nspec: { classes: [ { name: rest, default: true } ] }\n'); // prettier-ignore
  beforeAll(async () => (unproved ? undefined : haveTraffic()), 60_000);

  it('needs a bandwidth, from the policy or from the command', () => {
    const { status, stderr } = clearpath('prove', one());
    expect([status, stderr]).toEqual([3, expect.stringContaining('Add --bandwidth')]);
    expect(clearpath('prove', one(), '--bandwidth', '10%').status).toBe(2);
    expect(clearpath('validate', one(), '--bandwidth', '1mbit').status).toBe(2);
  });

  it.skipIf(unproved)('prints each promise with its figures, records the proof, and ends with 0 when all held', () => {
    const result = clearpath('prove', one(), '--bandwidth', '5mbit', '--json');
    const { verdict, promises, id } = result.json() as {
      verdict: string;
      promises: Array<{ verdict: string }>;
      id: string;
    };
    expect([result.status, verdict, promises.map((each) => each.verdict)]).toEqual([
      0,
      'held',
      ['held', 'held', 'held', 'held'],
    ]);
    expect(id).toMatch(/^[0-9A-Z]{26}$/);
  });

  it.skipIf(unproved)('leaves nothing when it is interrupted', async () => {
    const child = spawn(
      process.execPath,
      [path.join(ROOT, 'backend/cli/main.ts'), 'prove', one(), '--bandwidth', '5mbit'],
      {
        env: { ...process.env, CLEARPATH_STATE: path.join(home, 'state'), CLEARPATH_ENTER: '' },
      }
    );
    const ended = once(child, 'exit');
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(3);
    expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(`clearpath-twin-${child.pid}-`);
  });
});

describe('clearpath on a binding', { timeout: 60_000 }, () => {
  it.skipIf(!possible)(`asks for --yes with the waves, rolls out, stops at a refusal, and resumes${why}`, async () => {
    const store = await openStore(path.join(home, 'state'));
    const save = (kind: string, name: string, spec: object) =>
      store.documents.save('main', kind, name, JSON.stringify({ apiVersion: 'clearpath/v1', kind, metadata: { name }, spec }), 'ann', undefined); // prettier-ignore
    await save('Target', 'edge', { platform: 'linux', namespace: NAMESPACE });
    await save('Binding', 'uplinks', { policy: 'branch-edge', target: 'edge', interfaces: ['wan0', 'wan1'] });
    await store.documents.save('main', 'Policy', 'branch-edge', SOURCE, 'ann', undefined);
    await store.close();
    const asked = clearpath('apply', '--binding', 'uplinks');
    expect([asked.status, asked.stderr]).toEqual([
      2,
      'Wave 1: uplinks.wan0\nWave 2: uplinks.wan1\nNothing was applied. To apply it, add --yes.\n',
    ]);
    tc(
      'qdisc',
      'add',
      'dev',
      'wan1',
      'root',
      'handle',
      '77:',
      'tbf',
      'rate',
      '1mbit',
      'burst',
      '10k',
      'limit',
      '10k',
      'peakrate',
      '2mbit',
      'mtu',
      '1540'
    );
    const failed = clearpath('apply', '--binding', 'uplinks', '--yes');
    expect(failed.status).toBe(3);
    expect(failed.stderr).toMatch(/Wave 1 is done: .*\n.*Wave 2 failed on 1 interface, 0 interfaces not touched/);
    tc('qdisc', 'del', 'dev', 'wan1', 'root');
    const done = clearpath('apply', '--binding', 'uplinks', '--resume', '--yes', '--json');
    expect([done.status, done.json()]).toMatchObject([0, { rollout: { state: 'done', message: '2 changed.' } }]);
    tc('qdisc', 'del', 'dev', 'wan1', 'root');
    expect(clearpath('apply', EXAMPLE, '--binding', 'uplinks').status).toBe(2);
    expect(clearpath('apply', '--binding', 'absent', '--yes').status).toBe(3);
  });
});

describe('clearpath on an interface', { timeout: 30_000 }, () => {
  it.skipIf(!possible)(`compiles to tc batch lines that the kernel takes as they are${why}`, () => {
    const { status, stdout } = on('compile', EXAMPLE);
    expect(status).toBe(0);
    const batch = spawnSync('tc', ['-n', NAMESPACE, '-batch', '-'], { input: stdout, encoding: 'utf8' });
    expect(batch.stderr).toBe('');
    expect(batch.status).toBe(0);
    expect(tc('class', 'show', 'dev', 'wan0').match(/^class htb/gm)).toHaveLength(6);
  });

  it.skipIf(!possible)(
    `applies only with --yes, does nothing the second time, and changes a ceiling by one class change${why}`,
    () => {
      const asked = on('apply', EXAMPLE);
      expect(asked.status).toBe(2);
      expect(tc('class', 'show', 'dev', 'wan0')).toBe('');
      expect(on('apply', EXAMPLE, '--yes').status).toBe(0);
      expect(operations(on('plan', EXAMPLE, '--json').json())).toEqual([]);
      const changed = written('changed.yaml', SOURCE.replace('ceiling: 20%', 'ceiling: 25%'));
      expect(operations(on('plan', changed, '--json').json())).toEqual([
        expect.stringMatching(/^class change dev wan0 .* ceil 4750kbit /),
      ]);
      expect(on('apply', changed, '--yes').status).toBe(0);
      expect(tc('class', 'show', 'dev', 'wan0')).toContain('ceil 4750Kbit');
      expect(on('status', '--json').json()).toMatchObject({ state: 'in-force' });
      expect(on('rollback', '--yes').status).toBe(0);
      expect(tc('class', 'show', 'dev', 'wan0')).toContain('ceil 3800Kbit');
      expect(on('rollback', '--yes').status).toBe(0);
      expect(tc('qdisc', 'show', 'dev', 'wan0')).toContain('noqueue');
      expect(on('rollback', '--yes').status).toBe(3);
    }
  );

  it.skipIf(!possible)(
    `rolls back by itself what nobody confirms, also when its terminal goes away, and keeps what is confirmed elsewhere${why}`,
    async () => {
      const applying = (seconds: number) =>
        spawn(
          process.execPath,
          [path.join(ROOT, 'backend/cli/main.ts'), 'apply', EXAMPLE, '--yes', '--confirm', String(seconds), '--interface', 'wan0', '--namespace', NAMESPACE],
          { stdio: 'ignore', env: { ...process.env, CLEARPATH_STATE: path.join(home, 'state'), CLEARPATH_ENTER: '' } }
        ); // prettier-ignore
      const awaits = async () => {
        while (typeof on('status', '--json').json().secondsToConfirm !== 'number') await sleep(100);
      };
      const first = applying(6);
      await awaits();
      first.kill('SIGHUP');
      expect(await once(first, 'exit')).toEqual([3, null]);
      expect(tc('class', 'show', 'dev', 'wan0')).toBe('');
      const second = applying(600);
      const ended = once(second, 'exit');
      await awaits();
      expect(on('status').stdout).toContain('Awaits confirmation: rolled back in ');
      expect(on('confirm').stdout).toContain('Confirmed by');
      expect(await ended).toEqual([0, null]);
      expect(on('confirm').status).toBe(3);
      expect(tc('class', 'show', 'dev', 'wan0').match(/^class htb/gm)).toHaveLength(6);
      expect(on('apply', EXAMPLE, '--confirm', '0').status).toBe(2);
    }
  );
  it.skipIf(!possible)(`imports a tree made by hand as a policy that can be applied in its place${why}`, () => {
    const imported = (...words: string[]) => clearpath('import', 'wan0', '--namespace', NAMESPACE, ...words);
    const absent = imported();
    expect([absent.status, absent.stderr]).toEqual([3, expect.stringContaining('nothing to import')]);
    tc('qdisc', 'add', 'dev', 'wan0', 'root', 'handle', '1:', 'htb', 'default', '20');
    tc('class', 'add', 'dev', 'wan0', 'parent', '1:', 'classid', '1:1', 'htb', 'rate', '9mbit');
    tc('class', 'add', 'dev', 'wan0', 'parent', '1:1', 'classid', '1:10', 'htb', 'rate', '3mbit', 'ceil', '9mbit');
    tc('class', 'add', 'dev', 'wan0', 'parent', '1:1', 'classid', '1:20', 'htb', 'rate', '6mbit', 'ceil', '9mbit');
    tc(...'filter add dev wan0 parent 1: protocol ip prio 1 u32 match ip dport 22 0xffff flowid 1:10'.split(' '));
    const { status, stdout, stderr } = imported('--policy', 'edge');
    expect(status).toBe(0);
    expect(stderr).toMatch(/^On wan0: htb 1:, 3 classes, 1 rule\.\nNearly: filter 1: pref 1: It looked for ports/);
    expect(stdout).toMatch(/name: ssh\n\s+match:\n\s+- \{ destinationPorts: 22, ipVersion: 4 \}/);
    expect(on('apply', written('edge.yaml', stdout), '--yes').status).toBe(0);
    expect(tc('class', 'show', 'dev', 'wan0')).toMatch(/rate 3Mbit ceil 9Mbit/);
    expect(imported('--json').json()).toMatchObject({ name: 'edge', owner: 'clearpath', remarks: [] });
  });

  it.skipIf(!possible)(`says that a tree was changed by hand, and puts it right${why}`, () => {
    on('apply', EXAMPLE, '--yes');
    tc(
      'class',
      'change',
      'dev',
      'wan0',
      'parent',
      '1:1',
      'classid',
      '1:13',
      'htb',
      'rate',
      '1mbit',
      'ceil',
      '2mbit',
      'prio',
      '7',
      'quantum',
      '1514'
    );
    expect(on('status', '--json').json()).toMatchObject({ state: 'drifted' });
    expect(on('drift').stdout).toMatch(/^bulk’s ceiling: 19 Mbit\/s in force, 2 Mbit\/s live/m);
    expect(on('drift', EXAMPLE).stdout).toMatch(
      /^spec\.classes\[3\]\.ceiling: bulk’s ceiling: 19 Mbit\/s in force, 2/m
    );
    const adopted = on('adopt', EXAMPLE);
    expect(adopted.stdout).toContain('ceiling: 2mbit');
    expect(adopted.stderr).toMatch(/^Adopted: bulk’s ceiling/m);
    expect(on('apply', EXAMPLE, '--yes').status).toBe(0);
    expect(on('status', '--json').json()).toMatchObject({ state: 'in-force' });
  });

  it.skipIf(!possible)(
    `ends with 3 when the target refuses: no such interface, no such namespace, a tree that could not be restored${why}`,
    () => {
      const absent = clearpath('plan', EXAMPLE, '--interface', 'wan7', '--namespace', NAMESPACE);
      expect(absent.status).toBe(3);
      expect(absent.stderr).toMatch(/There is no interface "wan7".*wan0/);
      expect(clearpath('plan', EXAMPLE, '--interface', 'wan0', '--namespace', 'clearpath-nowhere').status).toBe(3);
      tc(...'qdisc add dev wan0 root handle 1: htb'.split(' '));
      tc(...'filter add dev wan0 parent 1: protocol ip pref 5 handle 100: u32 divisor 256'.split(' '));
      const before = tc('qdisc', 'show', 'dev', 'wan0');
      const refused = on('apply', EXAMPLE, '--yes');
      expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('could not restore exactly')]);
      expect(tc('qdisc', 'show', 'dev', 'wan0')).toBe(before);
      expect(on('apply', EXAMPLE, '--yes', '--replace-foreign').status).toBe(0);
      expect(on('rollback', '--yes').stderr).toContain('cannot be restored exactly');
    }
  );

  it.skipIf(!possible)(
    `never lets a name of a document or of the command line reach a shell or a tc line${why}`,
    () => {
      for (const name of ['a;id', '$(id)', 'x#y', '-batch', 'a b', '../x', "q'"]) {
        expect(clearpath('plan', EXAMPLE, '--interface', name).status, name).toBe(2);
        expect(clearpath('plan', EXAMPLE, '--interface', 'wan0', '--namespace', name).status, name).toBe(2);
      }
    }
  );

  it.skipIf(!possible)(`asks for a bandwidth where neither the policy nor a virtual interface has one${why}`, () => {
    const file = written('no-bandwidth.yaml', SOURCE.replace(/ {2}bandwidth: 19mbit\n/, ''));
    const { status, stderr } = on('plan', file);
    expect(status).toBe(3);
    expect(stderr).toContain('Add bandwidth');
  });
});
