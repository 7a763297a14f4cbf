/** The checks of `npm test`: each runs to its end and says how many claims passed, failed and were skipped, and why. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findNode24 } from '../../backend/node24.mjs';
import { bridgeIsBuilt, buildBridge, buildPlugin, pluginIsBuilt } from './build.mjs';
import { findGrafana } from './grafana.mjs';
import { howToGet, findProgram } from './programs.mjs';

const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, reasons: [] });
const skip = (reason, claims = 1) => ({ passed: 0, failed: 0, skipped: claims, reasons: [reason] });

/** Runs a program with its output on this terminal; `each` sees every line of standard output instead when it is given. */
function show(argv, { cwd, env = {}, each } = {}) {
  return new Promise((resolve) => {
    const [program, ...rest] = argv;
    const child = spawn(program, rest, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', each ? 'pipe' : 'inherit', 'inherit'],
    });
    let rest_ = '';
    child.stdout?.setEncoding('utf8').on('data', (part) => {
      const lines = (rest_ + part).split('\n');
      rest_ = lines.pop() ?? '';
      lines.forEach(each);
    });
    child.on('error', (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

export async function types({ root }) {
  return one((await show([findNode24(), 'node_modules/typescript/bin/tsc', '--noEmit'], { cwd: root })) === 0);
}

export async function lint({ root }) {
  return one((await show([findNode24(), 'node_modules/eslint/bin/eslint.js', '--cache', '.'], { cwd: root })) === 0);
}

/** What Go says of each test, as `go test -json` prints it. */
export async function bridge({ root }) {
  const go = findProgram('go');
  if (go === null) {
    return skip(`Go is not installed. ${howToGet('go')}`);
  }
  const result = { passed: 0, failed: 0, skipped: 0, reasons: [] };
  const output = new Map();
  const vetted = await show([go, 'vet', './...'], { cwd: root });
  const code = await show([go, 'test', '-json', './...'], {
    cwd: root,
    each(line) {
      const { Action: action, Test: name, Output: text, Package: pack } = line.startsWith('{') ? JSON.parse(line) : {};
      const key = `${pack} ${name}`;
      if (action === 'output') {
        output.set(key, (output.get(key) ?? '') + text);
      } else if (name === undefined && action === 'fail') {
        console.error(output.get(`${pack} undefined`) ?? pack);
      } else if (name !== undefined) {
        result.passed += action === 'pass' ? 1 : 0;
        result.failed += action === 'fail' ? 1 : 0;
        result.skipped += action === 'skip' ? 1 : 0;
        if (action === 'fail') console.error(output.get(key) ?? name);
        if (action === 'skip') result.reasons.push((output.get(key) ?? name).replace(/\s+/g, ' ').trim());
      }
    },
  });
  result.failed += code !== 0 && result.failed === 0 ? 1 : 0;
  result[vetted === 0 ? 'passed' : 'failed'] += 1;
  return result;
}

/** Plugin and bridge as they are shipped. */
export async function build({ root, home }) {
  try {
    if (!pluginIsBuilt(root, home)) await buildPlugin(root, home);
    if (findProgram('go') === null) return { ...one(true), reasons: [] };
    if (!bridgeIsBuilt(root, home)) await buildBridge(root, home);
    return one(true);
  } catch (error) {
    console.error(error.message);
    return one(false);
  }
}

/** A test says why it is skipped in its name: "… — skipped: reason". */
function skippedWhy(name) {
  return /skipped: (.*)$/.exec(name)?.[1] ?? name;
}

export async function units({ root, filter = [] }) {
  const file = path.join(root, 'test-results/vitest.json');
  rmSync(file, { force: true });
  const code = await show(
    [
      findNode24(),
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...filter,
    ],
    { cwd: root }
  );
  if (!existsSync(file)) {
    return one(false);
  }
  const { numPassedTests: passed, numFailedTests: failed, testResults } = readJson(file);
  const skippedTests = testResults
    .flatMap((suite) => suite.assertionResults)
    .filter(({ status }) => status === 'skipped' || status === 'pending');
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((each) => each.status === 'failed')
  ).length;
  return {
    passed,
    failed: failed + broken + (code !== 0 && failed + broken === 0 ? 1 : 0),
    skipped: skippedTests.length,
    reasons: [...new Set(skippedTests.map(({ fullName }) => skippedWhy(fullName)))],
  };
}

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'];

/** Why the story cannot be told on this machine, or null. */
async function whyNoStory() {
  const missing = ['ip', 'tc', 'irtt', 'iperf3'].find((name) => findProgram(name) === null);
  if (missing !== undefined) {
    return `"${missing}" is not installed. ${howToGet(missing)}`;
  }
  if (!process.env.CHROMIUM && CHROMIUM.every((name) => findProgram(name) === null)) {
    return 'There is no Chromium on the PATH (CHROMIUM may name one).';
  }
  if (findProgram('go') === null) {
    return `Without Go there is no bridge. ${howToGet('go')}`;
  }
  const found = await findGrafana();
  if (found === null) {
    return 'There is no Grafana: GRAFANA_HOME, /usr/share/grafana and the PATH were looked at.';
  }
  return found.kind === 'docker'
    ? 'Grafana would run in a container, which cannot reach the loopback of this test.'
    : null;
}

const STORY_STEPS = (root) =>
  ['story', 'trouble', 'workbench'].reduce(
    (sum, name) =>
      sum + (readFileSync(path.join(root, `test/e2e/${name}.spec.ts`), 'utf8').match(/^test\('/gm)?.length ?? 0),
    0
  );

export async function story({ root }) {
  const why = await whyNoStory();
  if (why !== null) {
    return skip(`The story in a real Grafana: ${why}`, STORY_STEPS(root));
  }
  const file = path.join(root, 'test-results/e2e.json');
  rmSync(file, { force: true });
  mkdirSync(path.dirname(file), { recursive: true });
  const code = await show(
    [findNode24(), 'node_modules/@playwright/test/cli.js', 'test', '-c', 'test/e2e/playwright.config.ts'],
    { cwd: root }
  );
  if (!existsSync(file)) {
    return one(false);
  }
  const { expected, unexpected, skipped } = readJson(file).stats;
  // Steps after one that failed are not run; that is no skip with a reason of its own.
  return {
    passed: expected,
    failed: unexpected + (code !== 0 && unexpected === 0 ? 1 : 0),
    skipped,
    reasons: skipped > 0 ? ['steps after the one that failed'] : [],
  };
}
