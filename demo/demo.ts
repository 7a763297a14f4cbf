/** Bring the demo network up, switch its flood, take it down again. */
import { existsSync, readFileSync } from 'node:fs';
import { attempt, run, type Outcome } from './command.ts';
import { discover } from './capabilities.ts';
import { Generator } from './generator.ts';
import { Notebook, removeNamespaces } from './leftovers.ts';
import { obtainPrivilege, type Privilege } from './privilege.ts';
import { DEFAULT_PREFIX, namespacesOf, networkSteps, PREFIX, type Namespaces, type Site } from './topology.ts';
import { stations, type Tools } from './traffic.ts';

export interface DemoOptions {
  /** Namespaces are named after it, so that a test's demo stands beside a user's. */
  prefix?: string;
  /** Whether bulk floods from the start. */
  flood?: boolean;
  /** Said while the demo comes up and runs: what is missing, what was left by a crash. */
  note?(text: string): void;
}

/** What others need to know of a running demo. */
export interface DemoNetwork {
  prefix: string;
  namespaces: Namespaces;
  as: Privilege['as'];
  /** For the sidecar's CLEARPATH_ENTER. */
  enter: string[];
  flood: boolean;
}

function programExists(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => folder !== '' && existsSync(`${folder}/${name}`));
}

function lossBasedCongestionControl(): string {
  try {
    const available = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(/\s+/);
    return available.includes('cubic') ? 'cubic' : 'reno';
  } catch {
    return 'reno';
  }
}

function toolsHere(): Tools {
  return {
    irtt: programExists('irtt'),
    iperf3: programExists('iperf3'),
    ipv6: existsSync('/proc/sys/net/ipv6'),
    congestionControl: lossBasedCongestionControl(),
  };
}

export class Demo {
  readonly prefix: string;
  readonly namespaces: Namespaces;
  #privilege: Privilege;
  #notebook: Notebook;
  #note: (text: string) => void;
  #steady: Generator[] = [];
  #bulk: Generator[] = [];
  #flood = false;
  #stopping: Promise<void> | null = null;

  private constructor(prefix: string, privilege: Privilege, notebook: Notebook, note: (text: string) => void) {
    this.prefix = prefix;
    this.namespaces = namespacesOf(prefix);
    this.#privilege = privilege;
    this.#notebook = notebook;
    this.#note = note;
  }

  /**
   * Throws NotPermitted, AlreadyRunning, or an Error with the command that the system refused; whatever had been made
   * by then is removed again.
   */
  static async start({
    prefix = DEFAULT_PREFIX,
    flood = false,
    note = () => undefined,
  }: DemoOptions = {}): Promise<Demo> {
    if (!PREFIX.test(prefix)) {
      throw new Error(
        `"${prefix}" is not a prefix: a small letter, then small letters, digits and hyphens, at most 32. Nothing was started.`
      );
    }
    const notebook = new Notebook(prefix);
    const ended = await notebook.endLeftovers();
    const privilege = await obtainPrivilege();
    const demo = new Demo(prefix, privilege, notebook, note);
    try {
      demo.#remember();
      const removed = await removeNamespaces(privilege.enter, demo.namespaces);
      if (ended + removed.length > 0) {
        note(
          `An earlier demo did not end cleanly: ${ended} processes and ${removed.length} namespaces of it were removed.`
        );
      }
      await demo.#build();
      await demo.flood(flood);
      return demo;
    } catch (error) {
      await demo.stop();
      throw error;
    }
  }

  /** Remove what a demo that crashed left behind; throws AlreadyRunning when it is alive. */
  static async removeLeftovers(prefix: string = DEFAULT_PREFIX): Promise<void> {
    const notebook = new Notebook(prefix);
    await notebook.endLeftovers();
    const privilege = await obtainPrivilege();
    await removeNamespaces(privilege.enter, namespacesOf(prefix));
    await privilege.release();
    notebook.erase();
  }

  get as(): Privilege['as'] {
    return this.#privilege.as;
  }

  get enter(): string[] {
    return [...this.#privilege.enter];
  }

  /** Run a program at a site, for example `exec('branch', ['ping', '-c', '1', '10.77.2.2'])`; any exit status is returned. */
  exec(site: Site, argv: string[]): Promise<Outcome> {
    return attempt(this.#at(site, argv));
  }

  /** Switch the bulk flows; returns when they have started, or are gone. */
  async flood(on: boolean): Promise<void> {
    this.#flood = on;
    if (on) {
      this.#bulk.forEach((each) => each.start());
    } else {
      await Promise.all(this.#bulk.map((each) => each.stop()));
    }
  }

  get flooding(): boolean {
    return this.#flood;
  }

  describe(): DemoNetwork {
    return { prefix: this.prefix, namespaces: this.namespaces, as: this.as, enter: this.enter, flood: this.#flood };
  }

  /** End the traffic and remove the network; safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#takeDown();
    return this.#stopping;
  }

  #at(site: Site, argv: string[]): string[] {
    return [...this.#privilege.enter, 'ip', 'netns', 'exec', this.namespaces[site], ...argv];
  }

  async #build(): Promise<void> {
    const { enter } = this.#privilege;
    const tools = toolsHere();
    for (const { argv, input, without } of networkSteps(this.namespaces, tools.ipv6)) {
      if (without === undefined) {
        await run([...enter, ...argv], input);
      } else if ((await attempt([...enter, ...argv], input)).code !== 0) {
        this.#note(without);
      }
    }
    const { bottleneck, notes } = await discover(enter, this.namespaces.provider);
    notes.forEach((each) => this.#note(each));
    for (const command of bottleneck?.commands ?? []) {
      await run([...enter, 'tc', '-n', this.namespaces.provider, ...command]);
    }
    this.#startTraffic(tools);
  }

  #startTraffic(tools: Tools): void {
    const events = { changed: () => this.#remember(), note: this.#note };
    for (const { name, site, argv, flood } of stations(tools)) {
      const generator = new Generator(name, this.#at(site, argv), events);
      (flood ? this.#bulk : this.#steady).push(generator);
    }
    this.#steady.forEach((each) => each.start());
  }

  #remember(): void {
    if (this.#stopping === null) {
      const pids = [this.#privilege.holder, ...[...this.#steady, ...this.#bulk].map((each) => each.pid)];
      this.#notebook.write(pids.filter((pid) => pid !== null));
    }
  }

  async #takeDown(): Promise<void> {
    await Promise.all([...this.#steady, ...this.#bulk].map((each) => each.stop()));
    await removeNamespaces(this.#privilege.enter, this.namespaces);
    await this.#privilege.release();
    this.#notebook.erase();
  }
}
