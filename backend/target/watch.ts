/**
 * What is on the interfaces of one network, kept current by what the kernel announces, so that thousands of them need
 * not be read again. Nothing is believed for longer than it is certain: an interface of which anything is announced but
 * other figures of a class that it has is read the next time, and where announcements may have been lost, all are.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, watch as watchFolder, type FSWatcher } from 'node:fs';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { sideOf, type LiveTree } from '../compile/tc/index.ts';
import { announcedByIp, announcedByTc, isAnnounced, withClass, type Announcement } from './announced.ts';
import type { Link } from './link.ts';
import { withNamespace, type Place } from './place.ts';

/** The kernel does not announce a changed gso_max_size, so that links are read again after this time. */
const LINK_MS = 10 * 60_000;
/** How long announcements that are on their way are waited for. */
const SETTLE_MS = 2_000;

interface Known {
  tree?: LiveTree | undefined;
  link?: { link: Link; at: number } | undefined;
}

/** A listener and the kernel's side of its socket. */
class Listener {
  /** Bytes that came so far */
  heard = 0;
  private readonly child: ChildProcess;
  private readonly hear: (line: string) => void;
  private rest = '';
  private inode: string | undefined;

  /** @param lost called once nothing more will be heard, or something was not */
  constructor(argv: readonly string[], hear: (line: string) => void, lost: () => void) {
    this.hear = hear;
    const [program = '', ...rest] = argv;
    // Whatever becomes of this process, the listener goes with it: it would keep the network alive.
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...rest], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => this.take(text));
    this.child.unref();
    // A pipe is a socket, which Node's types do not say.
    [this.child.stdout, this.child.stderr].forEach((pipe) => (pipe as { unref?: () => void } | null)?.unref?.());
    // It complains of lost announcements and goes on.
    this.child.stderr!.on('data', lost);
    this.child.on('error', lost).on('close', lost);
  }

  private take(text: string): void {
    this.heard += text.length;
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) {
      if (line !== '' && !/^\s/.test(line)) {
        this.hear(line);
      }
    }
  }

  /** Its socket that hears of groups. @returns undefined until it has one */
  private socket(): { queued: number; dropped: number } | undefined {
    const pid = this.child.pid!;
    this.inode ??= groupSocketOf(pid);
    const socket = this.inode === undefined ? undefined : netlinkSockets(pid).find(({ inode }) => inode === this.inode);
    return socket && { queued: socket.queued, dropped: socket.dropped };
  }

  /** @returns whether it has said all that the kernel had told it; undefined where something was lost */
  quiet(): boolean | undefined {
    const socket = this.socket();
    if (!socket) {
      return false;
    }
    // In this order: what it took from the socket is being printed until it sleeps.
    const asleep = /\) S /.test(readFileSync(`/proc/${this.child.pid!}/stat`, 'utf8'));
    return socket.dropped === 0 ? socket.queued === 0 && asleep : undefined;
  }

  missedNothing(): boolean {
    return this.socket()?.dropped === 0;
  }

  end(): void {
    this.child.removeAllListeners().on('error', () => undefined);
    this.child.kill('SIGKILL');
  }
}

/** The netlink sockets of a process's network, as the kernel lists them (af_netlink.c, netlink_native_seq_show). */
const netlinkSockets = (pid: number) =>
  readFileSync(`/proc/${pid}/net/netlink`, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, , , groups, queued, , , , dropped, inode] = line.trim().split(/\s+/);
      return { groups: Number(`0x${groups}`), queued: Number(queued), dropped: Number(dropped), inode };
    });

function groupSocketOf(pid: number): string | undefined {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => linkAt(`/proc/${pid}/fd/${fd}`)));
  return netlinkSockets(pid).find(({ groups, inode }) => groups !== 0 && own.has(`socket:[${inode}]`))?.inode;
}

/** Empty for a file that was closed meanwhile. */
function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

export class Watch {
  private readonly known = new Map<string, Known>();
  private readonly listeners: Listener[];
  private readonly folder: FSWatcher | undefined;
  /** Counts announcements; which was the last of an interface, and of all */
  private count = 0;
  private readonly last = new Map<string, number>();
  private lastUnclear = 0;
  private ended = false;
  private readonly changed = new WeakMap<LiveTree, Map<string, LiveTree | undefined>>();

  private constructor(place: Place) {
    const lost = () => this.end();
    const listen = (program: 'tc' | 'ip', argv: readonly string[], meaning: (line: string) => Announcement) =>
      new Listener(withNamespace(place, program, argv), (line) => this.take(meaning(line), program), lost);
    this.listeners = [listen('tc', ['-d', 'monitor'], announcedByTc), listen('ip', ['monitor', 'link'], announcedByIp)];
    // The listeners would keep a network whose name was deleted.
    this.folder = place.namespace
      ? watchFolder('/run/netns', (_, name) => name === place.namespace && this.end()).unref()
      : undefined;
  }

  /** @returns undefined where announcements cannot be had with certainty, so that everything has to be read */
  static async start(place: Place): Promise<Watch | undefined> {
    if (place.enter.length > 0) {
      return undefined;
    }
    try {
      const watch = new Watch(place);
      return (await watch.settled()) ? watch : undefined;
    } catch {
      return undefined;
    }
  }

  get isOver(): boolean {
    return this.ended;
  }

  end(): void {
    this.ended = true;
    this.known.clear();
    this.folder?.close();
    this.listeners.forEach((listener) => listener.end());
  }

  private take(announcement: Announcement, program: 'tc' | 'ip'): void {
    this.count++;
    if (announcement.kind === 'unclear') {
      this.lastUnclear = this.count;
      this.known.clear();
      return program === 'ip' ? this.end() : undefined;
    }
    const { device } = announcement;
    this.last.set(device, this.count);
    const known = this.known.get(device);
    if (announcement.kind === 'class') {
      if (known?.tree) {
        known.tree = this.withClass(known.tree, announcement.text);
      }
    } else if (program === 'tc') {
      this.known.set(device, { ...known, tree: undefined });
    } else if (known) {
      this.known.delete(device);
    } else {
      // New, or a known one that has another name now, by which tc does not call it.
      this.end();
    }
  }

  /** Interfaces that share a tree go on sharing it. */
  private withClass(tree: LiveTree, text: string): LiveTree | undefined {
    const byText = this.changed.get(tree) ?? new Map<string, LiveTree | undefined>();
    this.changed.set(tree, byText);
    if (!byText.has(text)) {
      byText.set(text, withClass(tree, text));
    }
    return byText.get(text);
  }

  /** All that the kernel announced until now is taken in. @returns false where that is not certain: nothing is known then */
  async settled(): Promise<boolean> {
    const until = performance.now() + SETTLE_MS;
    const heard = () => this.listeners.reduce((sum, listener) => sum + listener.heard, 0);
    try {
      while (!this.ended && performance.now() < until) {
        const before = heard();
        const quiet = this.listeners.map((listener) => listener.quiet());
        if (quiet.includes(undefined)) {
          break;
        }
        // What they printed before that is in the pipes: two turns of the event loop take all of it, or some and then again.
        await turn();
        await turn();
        if (!quiet.includes(false) && heard() === before) {
          return !this.ended;
        }
        if (quiet.includes(false)) {
          await sleep(1);
        }
      }
    } catch {
      // A listener that is gone has no files in /proc.
    }
    this.end();
    return false;
  }

  /** @returns false also where that is not certain */
  missedNothing(): boolean {
    try {
      return !this.ended && this.listeners.every((listener) => listener.missedNothing());
    } catch {
      return false;
    }
  }

  tree(device: string): LiveTree | undefined {
    return this.known.get(device)?.tree;
  }
  link(device: string): Link | undefined {
    const link = this.known.get(device)?.link;
    return link && performance.now() - link.at < LINK_MS ? link.link : undefined;
  }

  /** To be given with what is read from here on. */
  get moment(): number {
    return this.count;
  }
  /** What was read since that moment; not where anything was announced meanwhile. Call `settled` before. */
  remember(device: string, since: number, { tree, link }: { tree?: LiveTree; link?: Link }): void {
    // What is received is announced under other names: those of the interface and of its IFB.
    const received = sideOf(device).direction === 'ingress';
    if (received || this.ended || this.lastUnclear > since || (this.last.get(device) ?? 0) > since) {
      return;
    }
    const known = this.known.get(device) ?? {};
    this.known.set(device, {
      tree: tree && isAnnounced(tree) ? tree : known.tree,
      link: link ? { link, at: performance.now() } : known.link,
    });
  }
}
