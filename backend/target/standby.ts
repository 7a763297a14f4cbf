/**
 * A tc that is started before it is needed. Starting a program copies the page tables of this process, which takes 20 ms
 * when it holds 350 MiB, and nothing else is done meanwhile: as long as tc takes for some 600 changes. So what stays
 * running keeps a shell at hand for each network of which it changed many interfaces. It holds the file of the
 * network's lock open, without the lock; told to, it takes the lock and becomes tc.
 */
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { withNamespace, type Place } from './place.ts';
import { Running } from './run.ts';

/** The seconds that it waits for the lock are its first line of input, what tc is to do the others. */
const SHELL = 'read -r seconds && flock -x -w "$seconds" 3 && echo && exec "$@"';

/** One that waits to be told. It ends with this process, whose end of its pipe closes. */
class Waiting {
  readonly path: string;
  private readonly fd: number;
  private readonly shell: Running;

  constructor(place: Place, path: string) {
    this.path = path;
    this.fd = openSync(path, 'a', 0o600);
    try {
      const tc = withNamespace(place, 'tc', ['-batch', '-']);
      this.shell = new Running(['sh', '-c', SHELL, 'sh', ...tc], { inherit: [this.fd] });
      this.shell.hold(false);
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  /** @returns whether its lock is still that of everybody else */
  private isThat(path: string): boolean {
    try {
      return path === this.path && statSync(path).ino === fstatSync(this.fd).ino;
    } catch {
      return false;
    }
  }

  /** @returns the open file that holds the lock, and tc; undefined where it did not get it, after which it is gone */
  async take(path: string, waitSeconds: number): Promise<{ fd: number; tc: Running } | undefined> {
    if (this.isThat(path)) {
      this.shell.hold(true);
      this.shell.write(`${waitSeconds}\n`);
      if ((await this.shell.firstWords()) !== undefined) {
        return { fd: this.fd, tc: this.shell };
      }
    }
    this.end();
    return undefined;
  }

  end(): void {
    void this.shell.end().catch(() => undefined);
    closeSync(this.fd);
  }
}

export class Standby {
  private readonly waiting = new Map<string, Waiting>();
  private ended = false;

  /** @param path of the network's lock. @returns undefined where there is none, or it did not get the lock */
  async take(place: Place, path: string, waitSeconds: number): Promise<{ fd: number; tc: Running } | undefined> {
    const key = JSON.stringify(place);
    const there = this.waiting.get(key);
    this.waiting.delete(key);
    return there?.take(path, waitSeconds);
  }

  /** One for the next time, once what goes on now is done. */
  prepare(place: Place, path: string): void {
    setImmediate(() => {
      const key = JSON.stringify(place);
      if (this.ended || this.waiting.has(key)) {
        return;
      }
      try {
        this.waiting.set(key, new Waiting(place, path));
      } catch {
        // The next change starts its own, and says what is wrong.
      }
    }).unref();
  }

  end(): void {
    this.ended = true;
    this.waiting.forEach((each) => each.end());
    this.waiting.clear();
  }
}
