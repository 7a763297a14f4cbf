/** Programs that Clearpath needs from the machine: whether they are there, and how to get one that is not. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Path of a program, or null; sbin is searched as well, where Debian keeps `ip` and `tc` out of an ordinary user's PATH. */
export function findProgram(name, searched = `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/local/go/bin`) {
  for (const folder of searched.split(':').filter(Boolean)) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here: look further.
    }
  }
  return null;
}

/** Package of each program per family of distributions. Go is not here: distributions ship one too old for the bridge. */
const PACKAGES = {
  apt: { install: 'sudo apt install', ip: 'iproute2', tc: 'iproute2', irtt: 'irtt', iperf3: 'iperf3' },
  dnf: { install: 'sudo dnf install', ip: 'iproute', tc: 'iproute-tc', irtt: 'irtt', iperf3: 'iperf3' },
  pacman: { install: 'sudo pacman -S', ip: 'iproute2', tc: 'iproute2', iperf3: 'iperf3' },
  apk: { install: 'sudo apk add', ip: 'iproute2', tc: 'iproute2-tc', iperf3: 'iperf3' },
}; // prettier-ignore

const HOMES = {
  go: 'https://go.dev/dl',
  irtt: 'https://github.com/heistp/irtt',
  iperf3: 'https://github.com/esnet/iperf',
};

/** How to install a program on this machine, as a sentence. */
export function howToGet(name, manager = Object.keys(PACKAGES).find((each) => findProgram(each) !== null)) {
  const table = PACKAGES[manager];
  if (table?.[name] !== undefined) {
    return `Install it with "${table.install} ${table[name]}".`;
  }
  return HOMES[name] ? `Get it from ${HOMES[name]}.` : `Install the package that has "${name}".`;
}

/** `1.25` of go.mod's `go 1.25.3`, or null where there is no such file. */
function neededGo(root) {
  try {
    return /^go (\d+\.\d+)/m.exec(readFileSync(path.join(root, 'go.mod'), 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** From 1.21 on Go fetches the toolchain that go.mod asks for; an older one does not even read the file. */
const OLDEST_GO = 21;

/** Minor number of an installed Go 1.x, or null when it does not say. */
function minorOfGo(go) {
  try {
    const said = execFileSync(go, ['env', 'GOVERSION'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: os.tmpdir(),
    });
    return Number(/^go1\.(\d+)/.exec(said)?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}

function goProblem(root, find) {
  const cost = `the bridge between Grafana and the sidecar cannot be built (it needs Go ${neededGo(root) ?? '1.25'} or later). Nothing was started.`;
  const go = find('go');
  if (go === null) {
    return `Go is not installed: ${cost} ${howToGet('go')}`;
  }
  const minor = minorOfGo(go);
  return minor !== null && minor < OLDEST_GO ? `Go 1.${minor} in ${go} is too old: ${cost} ${howToGet('go')}` : null;
}

const COSTS = {
  ip: 'there is no demo network.',
  tc: 'no policy can be planned or applied, and there is no demo network.',
  irtt: 'latency, jitter and loss are not measured; objectives stay without data.',
  iperf3: 'the demo network carries no voice, video or bulk traffic.',
};

/**
 * What is missing and what that costs. `needed` stops the start, the rest only narrows it.
 * `buildsBridge` is false where the bridge has been built already, which spares Go.
 */
export function missingPrograms({ root, buildsBridge, find = findProgram }) {
  const go = buildsBridge ? goProblem(root, find) : null;
  const narrowed = Object.entries(COSTS)
    .filter(([name]) => find(name) === null)
    .map(([name, cost]) => ({ name, needed: false, text: `"${name}" is not installed: ${cost} ${howToGet(name)}` }));
  return go === null ? narrowed : [{ name: 'go', needed: true, text: go }, ...narrowed];
}
