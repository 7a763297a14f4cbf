export interface MissingProgram {
  name: string;
  /** Nothing can be started without it. */
  needed: boolean;
  text: string;
}
export function findProgram(name: string, searched?: string): string | null;
export function howToGet(name: string, manager?: string): string;
export function missingPrograms(options: {
  root: string;
  buildsBridge: boolean;
  find?: (name: string) => string | null;
}): MissingProgram[];
