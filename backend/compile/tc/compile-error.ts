import type { Capabilities } from './model.ts';

/** What cannot be compiled, at its place in the policy. */
export class CompileError extends Error {
  /** Policy path of what cannot be compiled */
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** @param why of the message: `which … ` does with them. @throws CompileError where the kernel lacks one of the actions */
export function requireActions(
  path: string,
  actions: readonly string[],
  why: string,
  { actions: has = [], kernel }: Pick<Capabilities, 'actions' | 'kernel'>
): void {
  const missing = actions.filter((name) => !has.includes(name)).map((name) => `act_${name}`).join(', '); // prettier-ignore
  if (missing) {
    throw new CompileError(
      path,
      `This kernel (${kernel}) lacks ${missing}, ${why}. Load the modules, or remove the key.`
    );
  }
}
