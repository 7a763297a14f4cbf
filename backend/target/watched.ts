/** Reads interfaces, or knows what is on them since nothing was announced that is not known (watch.ts). */
import { setImmediate as turn } from 'node:timers/promises';
import type { LiveTree } from '../compile/tc/index.ts';
import { LISTED_AT_ONCE, readLinks, readTrees, type Outcomes } from './fleet.ts';
import type { Link } from './link.ts';
import type { Place } from './place.ts';
import { Watch } from './watch.ts';

/** Lines for each interface, from which on listening costs more than reading. */
const LISTENED_TO = 8;

export class Watched {
  private readonly watches = new Map<string, Watch>();
  private readonly watching: boolean;
  private readonly listedAtOnce: number;
  /**
   * @param watching whether networks are watched at all: for programs that stay
   * @param listedAtOnce interfaces
   */
  constructor(watching: boolean, listedAtOnce = LISTED_AT_ONCE) {
    this.watching = watching;
    this.listedAtOnce = listedAtOnce;
  }

  /** As readTrees. Those that it did not have to read are what the kernel announced. */
  readTrees(place: Place, devices: readonly string[]): Promise<Outcomes<LiveTree>> {
    return this.read(place, devices, 'tree', (at, unknown) => readTrees(at, unknown, this.listedAtOnce));
  }
  readLinks(place: Place, devices: readonly string[]): Promise<Outcomes<Link>> {
    return this.read(place, devices, 'link', readLinks);
  }

  private async read<V>(
    place: Place,
    devices: readonly string[],
    what: 'tree' | 'link',
    readAll: (place: Place, devices: readonly string[]) => Promise<Outcomes<V>>
  ): Promise<Outcomes<V>> {
    const watch = devices.length > 1 ? await this.of(place) : undefined;
    if (!watch) {
      return readAll(place, devices);
    }
    const known = devices.map((device) => watch[what](device) as V | undefined);
    const since = watch.moment;
    const unknown = devices.filter((_, index) => known[index] === undefined);
    const outcomes = (unknown.length > 0 ? await readAll(place, unknown) : []).values();
    const settled = unknown.length > 0 && (await watch.settled());
    return known.map((value, index) => {
      if (value !== undefined) {
        return { status: 'fulfilled', value };
      }
      const outcome = outcomes.next().value!;
      if (settled && outcome.status === 'fulfilled') {
        watch.remember(devices[index]!, since, { [what]: outcome.value });
      }
      return outcome;
    });
  }

  /** One that knows all that was announced until now */
  private async of(place: Place): Promise<Watch | undefined> {
    const key = JSON.stringify(place);
    const there = this.watches.get(key);
    if (there && !there.isOver && (await there.settled())) {
      return there;
    }
    const watch = this.watching ? await Watch.start(place) : undefined;
    if (watch) {
      this.watches.set(key, watch);
    } else {
      this.watches.delete(key);
    }
    return watch;
  }

  /**
   * Before many objects of a network change: what is known of it would be lost on the way, at the cost of the change.
   * @returns whether what changes will be known
   */
  before(place: Place, interfaces: number, lines: number): boolean {
    const watch = this.watches.get(JSON.stringify(place));
    if (lines > LISTENED_TO * interfaces) {
      watch?.end();
    }
    return watch !== undefined && !watch.isOver;
  }

  /** What was announced until now comes in, as far as the listeners have printed it. */
  async listen(): Promise<void> {
    await turn();
  }

  /** What is on interfaces as far as it was announced, while more is being announced; undefined where that is not known. */
  heard(place: Place): (device: string) => LiveTree | undefined {
    const watch = this.watches.get(JSON.stringify(place));
    return (device) => watch?.tree(device);
  }

  /** Whether what was heard until now is all that was announced before it. */
  missedNothing(place: Place): boolean {
    return this.watches.get(JSON.stringify(place))?.missedNothing() ?? false;
  }

  end(): void {
    this.watches.forEach((watch) => watch.end());
    this.watches.clear();
  }
}
