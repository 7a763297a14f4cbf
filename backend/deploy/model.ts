/** What is planned, by whom, for which interface; what the parts of the engine share. */
import type { Allocation, Capabilities, LiveTree, Operation, TcTree } from '../compile/tc/index.ts';
import type { ResolvedPolicy } from '../policy/resolve.ts';
import type { DeploymentRow, Store } from '../store/index.ts';
import type { BootTime, Place, Standby, Watched } from '../target/index.ts';
import type { Changes } from './shared.ts';

/** What is to be put where. */
export interface Intent {
  tenant: string;
  place: Place;
  device: string;
  binding: string;
  target: string;
  policy: ResolvedPolicy;
  revision: string;
  /** Its binding allows only what a proof found to hold */
  requiresProof?: boolean | undefined;
}
export interface DeploymentPlan {
  /** Hash of all that the operator sees of it; made when it is asked for */
  readonly id: string;
  intent: Omit<Intent, 'policy'> & {
    policy: string;
    bandwidth: number;
    /** Why more is guaranteed than there is, where it is */
    oversubscribed?: string | undefined;
  };
  /** Made of `changes` each time that they are asked for */
  readonly operations: Operation[];
  /** The same on whichever interface */
  changes: Changes;
  notes: string[];
  /** What each class takes, for the journal; empty where that is not known */
  matching: string;
  /** Packets that go to another class than now, in words; null where that is not known */
  traffic: string[] | null;
  before: LiveTree;
  after: TcTree;
  allocation: Allocation;
  owner: 'kernel-default' | 'clearpath' | 'foreign';
  restorable: boolean;
  /** What is in force now */
  inForce: DeploymentRow | undefined;
  /** ULID of what takes over again when this one is undone */
  previous: string | null;
  undoes: string | null;
}
export interface Actor {
  login: string;
  role: string;
}
/** What is on an interface and whose it is. */
export interface Standing {
  tree: LiveTree;
  owner: DeploymentPlan['owner'];
  inForce: DeploymentRow | undefined;
  allocation: Allocation;
}
/** For tests of crashes: called at each step of a deployment. */
export type Step = 'journalled' | 'applied' | 'verified';

/** How much is done at a time where much is to be done. */
export interface Portions {
  /** Interfaces that are read together: what is known of them is held in memory until all are confirmed */
  interfaces: number;
  /** Interfaces whose listings are held in memory at a time */
  listed: number;
  /** Interfaces that are planned at a time, while tc may be busy with those before */
  planned: number;
  /** Lines that stand in the journal as begun at a time */
  lines: number;
}

export interface EngineOptions {
  /** Whether what the kernel announces spares reading many interfaces again; whoever says so ends the engine */
  watching?: boolean;
  onStep?: (step: Step) => void | Promise<void>;
  onDeployment?: (row: DeploymentRow) => void;
  /** For tests of deadlines; by default the machine's */
  clock?: () => BootTime;
  /** For tests with few interfaces */
  portions?: Partial<Portions>;
}
export interface ApplyOptions {
  replaceForeign?: boolean;
  /** Seconds after which it is rolled back unless somebody confirms it */
  confirm?: number | undefined;
}

/** What planning, executing and recovering work with. */
export interface EngineContext {
  store: Store;
  capabilitiesOf: (place: Place) => Promise<Capabilities>;
  /** How interfaces are read */
  watched: Watched;
  /** What is at hand for changes of many; undefined in programs that do not stay */
  standby: Standby | undefined;
  /** Says that a step is reached. */
  step: (step: Step) => void | Promise<void>;
  clock: () => BootTime;
  linesAtOnce: number;
  /** Tells of a deployment that began or ended; @returns the same */
  report: (row: DeploymentRow) => DeploymentRow;
}

/** A tree with what its read-back showed beyond it. */
export const asConfirmed = (after: TcTree, inexact: LiveTree['inexact']): string =>
  JSON.stringify({ ...after, inexact });
