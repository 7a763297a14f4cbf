/** Starts the system's programs: argument lists, never a shell; output bounded; a time limit on each. */
import { spawn } from 'node:child_process';

export interface RunResult {
  status: number | null;
  stdout: string;
  stderr: string;
}
export interface RunOptions {
  input?: string;
  /** Open files that the child keeps open, e.g. locks that must outlive this process while the child runs. */
  inherit?: readonly number[];
  timeoutMs?: number;
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

export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'pipe', ...(options.inherit ?? [])],
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
      ...(options.signal && { signal: options.signal }),
      env: { ...process.env, LC_ALL: 'C' },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    child.stdout!.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) {
        child.kill('SIGKILL');
      } else {
        out.push(chunk);
      }
    });
    child.stderr!.on('data', (chunk: Buffer) => err.length < 4096 && err.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) => {
      // An aborted program still has to end: its pipes close then.
      if (error.name !== 'AbortError') {
        reject(error.code === 'ENOENT' ? new ProgramMissing(program) : error);
      }
    });
    child.on('close', (status) =>
      resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    );
    // A child that stops reading early (tc at its first error) closes the pipe: that is its answer, not ours to fail on.
    child.stdin!.on('error', () => undefined);
    child.stdin!.end(options.input ?? '');
  });
}
