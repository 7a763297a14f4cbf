/** One place where the demo runs a command: an argument list, never a shell, with the command itself in every error. */
import { spawn } from 'node:child_process';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Run to the end whatever the exit status; 127 where the program does not exist. */
export function attempt(argv: string[], input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const outcome: Outcome = { code: 127, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.on('error', (error) => resolve({ ...outcome, stderr: error.message }));
    child.on('close', (code) => resolve({ ...outcome, code: code ?? 1 }));
    // A program that ends without reading its input is judged by its exit status, not by the broken pipe.
    child.stdin.on('error', () => undefined).end(input);
  });
}

/** Run and return what it printed; throws with the command and its own words when it fails. */
export async function run(argv: string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await attempt(argv, input);
  if (code !== 0) {
    throw new Error(`"${argv.join(' ')}" ended with status ${code}: ${stderr.trim() || stdout.trim() || 'no message'}`);
  }
  return stdout;
}
