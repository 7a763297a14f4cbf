/** One step of a plan, and the list that a difference writes them into, each with its words. */
import { objectId, type Origin, type TcObject } from './model.ts';
import { isAtHook, render, type Verb } from './render.ts';
import { sideOf } from './side.ts';

export interface Operation {
  verb: Verb;
  object: TcObject;
  /** The tc batch line; of a link, the line of `ip -batch` */
  line: string;
  path: string;
  reason: string;
  /** Packets of other classes may be lost or unshaped for a moment. */
  disruptive: boolean;
}

export interface DiffOptions {
  /** An interface, or a side of it */
  device: string;
  /** Policy path and reason of an object; without it (a rollback) the reason alone is made here. */
  origins?: ReadonlyMap<string, Origin>;
  /** Why a tree of another handle takes the place of the live one, for the words of its operation. */
  rebuild?: string | undefined;
}

export class Planner {
  readonly operations: Operation[] = [];
  private readonly options: DiffOptions;
  private readonly device: string;
  /** What carries the tree */
  private readonly carrier: string;
  constructor(options: DiffOptions, carrier?: string) {
    this.options = options;
    this.device = sideOf(options.device).interface;
    this.carrier = carrier ?? this.device;
  }
  push(verb: Verb, object: TcObject, reason?: string, disruptive = false, more?: string): void {
    const origin = this.options.origins?.get(objectId(object));
    this.operations.push({
      verb,
      object,
      line: render(verb, object, isAtHook(object) ? this.device : this.carrier),
      path: origin?.path ?? '',
      reason:
        more && origin
          ? `${origin.why} (${more})`
          : reason && origin
            ? `${origin.why.split(':')[0]}: ${reason}`
            : (reason ?? origin?.why ?? 'as it was before'),
      disruptive,
    });
  }
}
