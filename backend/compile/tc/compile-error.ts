/** What cannot be compiled, at its place in the policy. */
export class CompileError extends Error {
  /** Policy path of what cannot be compiled */
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}
