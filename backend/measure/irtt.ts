/**
 * One irtt session per binding and class, kept running: started with the class's DSCP, read line by line, restarted with growing pauses when it ends or dies.
 * irtt is started with an argument vector, never through a shell. It dies with its reader: a broken pipe ends it at the next reply.
 *
 * The reflector must be an `irtt server -i 0`. By its default of `-i 10ms --pburst=5` the server itself drops packets that a queue has held and hands on at
 * once, as a congested link does: in four holds of 400 ms irtt 0.9 dropped 60 of 479, which would be judged as loss of the path.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { monotonic } from './clock.ts';
import { parseIrttLine } from './irtt-line.ts';
import { Sequence, type Received } from './sequence.ts';

export type IrttSpec = {
  /** host:port or [IPv6]:port of an irtt server beyond the link. */
  reflector: string;
  /** 0-63; irtt's --dscp is the whole ToS byte. */
  dscp: number;
  intervalUs: number;
  /** UDP payload in bytes; irtt's own headers take 60. */
  length: number;
  /** What irtt is started through, e.g. ['ip', 'netns', 'exec', 'branch']. It must become irtt (exec), not stay beside it. */
  prefix: readonly string[];
  command?: string;
  sessionMs?: number;
};

export type ProbeState = {
  state: 'starting' | 'running' | 'unreachable' | 'not-installed' | 'stopped';
  /** What it means and what to do, in irtt's own words where it has some; empty while running. */
  message: string;
  /** Wall time. */
  since: number;
};

export type ProbeListener = {
  received(packet: Received): void;
  /** @param sentAt monotonic milliseconds */
  lost(sentAt: number): void;
  state?(state: ProbeState): void;
};

const SESSION_MS = 60 * 60_000;
const SETTLE_MS = 500;
/** After so much silence the session is opened anew: a restarted server drops the packets of sessions it does not know. */
const SILENCE_MS = 15_000;
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 10_000];
const NOT_INSTALLED_PAUSE_MS = 60_000;
const KILL_AFTER_MS = 2_000;
const REFLECTOR = /^(\[[0-9a-fA-F:.]+(%[A-Za-z0-9_.-]+)?\]|[A-Za-z0-9][A-Za-z0-9.-]*):\d{1,5}$/;

/** The argument vector of one session. --wait is short, since the next session follows; what is under way then is neither received nor lost. */
export function irttCommand(spec: IrttSpec): string[] {
  const { prefix, command = 'irtt', intervalUs, dscp, length, sessionMs = SESSION_MS, reflector } = spec;
  const options = [
    '-i',
    `${intervalUs}us`,
    '-d',
    `${sessionMs}ms`,
    '--wait=500ms',
    `--dscp=0x${(dscp << 2).toString(16)}`,
    '-l',
    String(length),
  ];
  return [...prefix, command, 'client', ...options, '--', reflector];
}

export class IrttProbe {
  #spec: IrttSpec;
  #listener: ProbeListener;
  #state: ProbeState = { state: 'stopped', message: '', since: Date.now() };
  #child: ChildProcess | null = null;
  #sequence: Sequence | null = null;
  #settling: NodeJS.Timeout | null = null;
  #restart: NodeJS.Timeout | null = null;
  #failures = 0;
  #stopped = true;
  #settledAt = 0;
  #heardAt = 0;
  #said: string | null = null;

  constructor(spec: IrttSpec, listener: ProbeListener) {
    this.#spec = spec;
    this.#listener = listener;
  }

  get state(): ProbeState {
    return this.#state;
  }

  /** Process id of the running irtt, or null between sessions. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    if (!this.#stopped) {
      return;
    }
    this.#stopped = false;
    if (!REFLECTOR.test(this.#spec.reflector)) {
      this.#enter(
        'unreachable',
        `"${this.#spec.reflector}" is not host:port of an irtt server. Nothing is measured; correct the binding's probe.reflector.`
      );
      return;
    }
    this.#enter('starting', `irtt is connecting to ${this.#spec.reflector}.`);
    this.#open();
  }

  /** Ends the session and waits until irtt is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#enter('stopped', '');
    if (this.#restart) {
      clearTimeout(this.#restart);
    }
    if (this.#settling) {
      clearInterval(this.#settling);
    }
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    await new Promise<void>((resolve) => {
      const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      child.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  #open(): void {
    const [file, ...args] = irttCommand(this.#spec) as [string, ...string[]];
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#said = null;
    this.#sequence = null;
    let gone = false;
    const over = (end: Ending) => {
      if (!gone) {
        gone = true;
        this.#over(file, end);
      }
    };
    child.once('error', (error) => {
      if (child.pid === undefined) {
        over({ error });
      }
    });
    child.once('close', (code, signal) => over({ code, signal }));
    createInterface({ input: child.stdout }).on('line', (line) => this.#line(line));
    createInterface({ input: child.stderr }).on('line', (line) => this.#complaint(line));
    this.#settledAt = monotonic();
    this.#heardAt = this.#settledAt;
    this.#settling = setInterval(() => this.#settle(), SETTLE_MS);
  }

  #line(text: string): void {
    const line = this.#stopped ? null : parseIrttLine(text);
    if (!line) {
      return;
    }
    const now = monotonic();
    switch (line.kind) {
      case 'connected':
        this.#sequence = new Sequence(this.#spec.intervalUs / 1_000, now);
        this.#heardAt = now;
        return;
      case 'failure':
        this.#said = line.message;
        return;
      case 'reply': {
        this.#heardAt = now;
        this.#failures = 0;
        this.#enter('running', '');
        const { received, lost } = this.#sequence?.reply(line, now) ?? { received: null, lost: [] };
        lost.forEach((sentAt) => this.#listener.lost(sentAt));
        if (received) {
          this.#listener.received(received);
        }
        return;
      }
    }
  }

  /** Anything on the error stream may be the reason, also from the prefix: `Cannot open network namespace "branch": …`. */
  #complaint(text: string): void {
    const line = parseIrttLine(text);
    if (text.trim() !== '') {
      this.#said = line?.kind === 'failure' ? line.message : text.trim();
    }
  }

  #settle(): void {
    const now = monotonic();
    const held = now - this.#settledAt > 3 * SETTLE_MS;
    this.#settledAt = now;
    if (held) {
      // This process was held up: replies may be waiting in the pipe, and must be read before anything is called lost.
      return;
    }
    this.#sequence?.settle(now).forEach((sentAt) => this.#listener.lost(sentAt));
    if (this.#sequence && now - this.#heardAt > SILENCE_MS) {
      this.#said = `no reply for ${SILENCE_MS / 1_000} s`;
      this.#failures = Math.max(1, this.#failures);
      this.#sequence = null;
      this.#child?.kill('SIGTERM');
    }
  }

  #over(file: string, end: Ending): void {
    if (this.#settling) {
      clearInterval(this.#settling);
    }
    const planned = 'code' in end && end.code === 0 && this.#said === null && this.#sequence !== null;
    this.#sequence = null;
    this.#child = null;
    if (this.#stopped) {
      return;
    }
    const missing = notInstalled(file, this.#spec.command ?? 'irtt', end, this.#said);
    if (missing) {
      this.#enter('not-installed', missing);
    } else if (!planned) {
      const words =
        this.#said ??
        ('error' in end ? end.error.message : `irtt ended with ${end.signal ?? `exit status ${end.code}`}`);
      this.#enter(
        'unreachable',
        `irtt does not reach ${this.#spec.reflector}: ${words}. Nothing is measured until it answers; check the path and that "irtt server -i 0" runs there.`
      );
    }
    const pause = planned
      ? 0
      : missing
        ? NOT_INSTALLED_PAUSE_MS
        : PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)]!;
    this.#failures = planned ? 0 : this.#failures + 1;
    this.#restart = setTimeout(() => this.#open(), pause);
  }

  #enter(state: ProbeState['state'], message: string): void {
    if (this.#state.state !== state || this.#state.message !== message) {
      const since = this.#state.state === state ? this.#state.since : Date.now();
      this.#state = { state, message, since };
      this.#listener.state?.(this.#state);
    }
  }
}

type Ending = { code: number | null; signal: NodeJS.Signals | null } | { error: NodeJS.ErrnoException };

/** ENOENT names what was started; `ip netns exec` says `exec of "irtt" failed` itself. */
function notInstalled(file: string, command: string, end: Ending, said: string | null): string | null {
  const advice = 'Latency, jitter and loss are not measured';
  if ('error' in end && end.error.code === 'ENOENT' && file !== command) {
    return `${file} is not installed, and the probes of this binding are started through it. ${advice}.`;
  }
  const missing = ('error' in end && end.error.code === 'ENOENT') || said?.startsWith(`exec of "${command}" failed`);
  return missing ? `${command} is not installed. ${advice}; install the package irtt.` : null;
}
