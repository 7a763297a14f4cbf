/** What happens, to whoever listens: one channel for the event stream, each event of one tenant. */
import { EventEmitter } from 'node:events';
import type { Topic } from './contract.ts';

export interface Happening {
  topic: Topic;
  tenant: string;
  /** For topics of one binding */
  binding?: string;
  data: unknown;
}

export class Hub extends EventEmitter<{ happening: [Happening] }> {
  constructor() {
    super();
    this.setMaxListeners(0);
  }
  tell(happening: Happening): void {
    this.emit('happening', happening);
  }
}
