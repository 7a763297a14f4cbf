/** Starts the system's programs: argument lists, never a shell; output bounded; a time limit on each. */
import { spawn, type ChildProcess } from 'node:child_process';

export interface RunResult {
  status: number | null;
  stdout: string;
  stderr: string;
}
export interface RunOptions {
  input?: string;
  /** Open files that the child keeps open, e.g. locks that must outlive this process while the child runs. */
  inherit?: readonly number[];
  /** From its start; none where it is started long before it is needed */
  timeoutMs?: number | undefined;
  /** Ends the program early; what it said so far is the result. */
  signal?: AbortSignal;
}
export class ProgramMissing extends Error {
  readonly program: string;
  constructor(program: string) {
    super(`The program "${program}" is not installed or not on the PATH. On Debian: apt install iproute2 util-linux.`);
    this.program = program;
  }
}

const MAX_OUTPUT = 256 * 1024 ** 2;

const TIMEOUT_MS = 60_000;

/** A program under way, which takes its input in parts. */
export class Running {
  private readonly child: ChildProcess;
  private readonly out: Buffer[] = [];
  private readonly err: Buffer[] = [];
  private readonly done: Promise<RunResult>;
  private timer: NodeJS.Timeout | undefined;

  constructor(argv: readonly string[], { inherit = [], timeoutMs, signal }: Omit<RunOptions, 'input'>) {
    const [program = '', ...rest] = argv;
    const child = spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'pipe', ...inherit],
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
      env: { ...process.env, LC_ALL: 'C' },
    });
    this.child = child;
    this.done = new Promise((resolve, reject) => {
      let size = 0;
      child.stdout!.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_OUTPUT) {
          child.kill('SIGKILL');
        } else {
          this.out.push(chunk);
        }
      });
      child.stderr!.on('data', (chunk: Buffer) => this.err.length < 4096 && this.err.push(chunk));
      child.on('error', (error: NodeJS.ErrnoException) => {
        // An aborted program still has to end: its pipes close then.
        if (error.name !== 'AbortError') {
          clearTimeout(this.timer);
          reject(error.code === 'ENOENT' ? new ProgramMissing(program) : error);
        }
      });
      child.on('close', (status) => {
        clearTimeout(this.timer);
        resolve({ status, stdout: Buffer.concat(this.out).toString(), stderr: Buffer.concat(this.err).toString() });
      });
    });
    // Who waits for it hears of it, then or later.
    this.done.catch(() => undefined);
    // A child that stops reading early (tc at its first error) closes the pipe: that is its answer, not ours to fail on.
    child.stdin!.on('error', () => undefined);
    this.limit(timeoutMs);
  }

  /** @param timeoutMs from now on, after which it is killed; undefined: never */
  limit(timeoutMs: number | undefined): void {
    clearTimeout(this.timer);
    this.timer = timeoutMs === undefined ? undefined : setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
  }

  write(text: string): void {
    this.child.stdin!.write(text);
  }

  /** The first of what it prints, from here on; undefined when it ends before that. */
  firstWords(): Promise<string | undefined> {
    const { stdout } = this.child;
    return new Promise((resolve) => {
      stdout!.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      this.done.then(
        () => resolve(undefined),
        () => resolve(undefined)
      );
    });
  }

  /** No more input. */
  end(input = ''): Promise<RunResult> {
    this.child.stdin!.end(input);
    return this.done;
  }

  /** Whether this process stays for it. */
  hold(held: boolean): void {
    const { child } = this;
    // Pipes are sockets, which Node's types do not say.
    const all = [child, child.stdin, child.stdout, child.stderr] as Array<{
      ref?: () => void;
      unref?: () => void;
    } | null>;
    all.forEach((each) => (held ? each?.ref?.() : each?.unref?.()));
  }
}

export const run = (
  argv: readonly string[],
  { input, timeoutMs = TIMEOUT_MS, ...options }: RunOptions = {}
): Promise<RunResult> => new Running(argv, { ...options, timeoutMs }).end(input);
