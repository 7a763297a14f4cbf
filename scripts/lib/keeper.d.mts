import type { Service } from './service.mjs';

export interface Kept<S> {
  /** The first start. */
  ready: Promise<S>;
  stop(): Promise<void>;
}
export function keep<S extends Service>(options: {
  start(spawned: (service: S) => void): Promise<S>;
  note(text: string): void;
}): Kept<S>;
