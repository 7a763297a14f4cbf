/** Reads interfaces, or knows what is on them since nothing was announced that is not known (watch.ts). */
import type { LiveTree } from '../compile/tc/index.ts';
import { readLinks, readTrees, type Outcomes } from './fleet.ts';
import type { Link } from './linux.ts';
import type { Place } from './place.ts';
import { Watch } from './watch.ts';

/** Lines for each interface, from which on listening costs more than reading. */
const LISTENED_TO = 8;

export class Watched {
  private readonly watches = new Map<string, Watch>();
  private readonly watching: boolean;
  /** @param watching whether networks are watched at all: for programs that stay */
  constructor(watching: boolean) {
    this.watching = watching;
  }

  /** As readTrees. Those that it did not have to read are what the kernel announced. */
  readTrees(place: Place, devices: readonly string[]): Promise<Outcomes<LiveTree>> {
    return this.read(place, devices, 'tree', readTrees);
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

  /** Before many objects of a network change: what is known of it would be lost on the way, at the cost of the change. */
  before(place: Place, interfaces: number, lines: number): void {
    if (lines > LISTENED_TO * interfaces) {
      this.watches.get(JSON.stringify(place))?.end();
    }
  }

  end(): void {
    this.watches.forEach((watch) => watch.end());
    this.watches.clear();
  }
}
