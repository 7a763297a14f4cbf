/** A process that starts itself again when it dies, until it is told to stop. */
import { spawn, type ChildProcess } from 'node:child_process';

const RESTART_AFTER = 1000;
/** A client that came before its server listened. */
const FIRST_RESTART_AFTER = 200;
/** A generator that dies at once, again and again, has a reason that a person should read. */
const SHORT_LIFE = 5000;
const LOUD_AFTER = 3;

export interface GeneratorEvents {
  /** A process began or ended: what has to be remembered in case we crash has changed. */
  changed(): void;
  note(text: string): void;
}

export class Generator {
  readonly name: string;
  #argv: string[];
  #events: GeneratorEvents;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #wanted = false;
  #shortLives = 0;

  constructor(name: string, argv: string[], events: GeneratorEvents) {
    this.name = name;
    this.#argv = argv;
    this.#events = events;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    if (!this.#wanted) {
      this.#wanted = true;
      this.#shortLives = 0;
      this.#spawn();
    }
  }

  #spawn(): void {
    this.#timer = null;
    const began = Date.now();
    const [program = '', ...args] = this.#argv;
    let said = '';
    // Its own group: Ctrl-C in a terminal reaches us alone, and we end everything in order.
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-500)));
    let ended = false;
    const end = (reason: string) => {
      if (!ended) {
        ended = true;
        this.#ended(Date.now() - began, said.trim() || reason);
      }
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(`ended with ${signal ?? `status ${code}`}`));
    this.#events.changed();
  }

  #ended(life: number, reason: string): void {
    this.#child = null;
    this.#events.changed();
    if (!this.#wanted) {
      return;
    }
    this.#shortLives = life < SHORT_LIFE ? this.#shortLives + 1 : 0;
    if (this.#shortLives === LOUD_AFTER) {
      this.#events.note(`The ${this.name} of the demo keeps ending and is started again each second: ${reason}`);
    }
    this.#timer = setTimeout(() => this.#spawn(), this.#shortLives <= 1 ? FIRST_RESTART_AFTER : RESTART_AFTER);
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    const child = this.#child;
    if (child?.pid === undefined) {
      return;
    }
    await new Promise<void>((resolve) => {
      // An iperf3 client says goodbye over the very link it floods; a second is enough patience.
      const timer = setTimeout(() => child.kill('SIGKILL'), 1000);
      child.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }
}
