/** What an import works on: rules as conditions, and remarks on what the policy does not say as the tree did. */
import type { PolicySpec, RestoreDscp } from '../../../policy/schema.ts';
import type { PortRange, Prefix } from '../../../policy/quantities.ts';
import type { Capabilities, Filter, LiveTree } from '../model.ts';
import type { Doing } from './doing.ts';
import type { More } from './more.ts';

/** How much of an object of the tree the policy says: nothing, nearly the same, or the same with something to know. */
export type RemarkKind = 'left-out' | 'approximate' | 'notice';
export interface Remark {
  kind: RemarkKind;
  /** The tc object, e.g. "class 1:20", "filter 1: pref 5" */
  object: string;
  message: string;
}

/** One rule of the kernel as conditions; what is absent is not asked for. */
export interface Rule {
  /** "filter 1: pref 5" */
  object: string;
  /** u32 sees ranges of ports as aligned blocks, flower as they are. */
  kind: Filter['kind'];
  classid: string;
  /** Frames it sees, 0 for those that are not IP; a rule that sees every frame has neither family nor tag. */
  family?: Family;
  tagged?: boolean;
  /** Code points and numbers, several where it compares some of their bits */
  dscp?: readonly number[];
  protocol?: readonly number[];
  source?: Prefix;
  destination?: Prefix;
  /** From 0 on, which no range of a policy holds */
  sourcePorts?: PortRange;
  destinationPorts?: PortRange;
  /** Never empty */
  more?: More;
  /** What it does to its packets; absent where it only classifies */
  doing?: Doing;
}
export type Family = 0 | 4 | 6;

/** The rules at a hook as they were read, and what of them could not be. */
export type Hook = Pick<LiveTree, 'filters' | 'inexact'>;

export interface ImportOptions {
  /** Name of the policy */
  name: string;
  /** Of the kernel that the policy is for: a queue that this kernel gets anyway is not written. */
  capabilities: Capabilities;
  /** bit/s of the interface, for a tree that shapes nothing */
  speed?: number | undefined;
  /** Class names by minor, where they are known: those of an own tree. */
  names?: ReadonlyMap<number, string>;
  /** Minors of classes that police, where that is known: at the hook a bucket of a class may be its ceiling as well */
  policing?: ReadonlySet<number>;
  /** Whose tree it is, where it is not what leaves by an interface */
  of?: string;
  /** Bits of the packets' mark that are a copy of their connection's before they come to the tree */
  connection?: number;
  /** The DSCP that packets are given before they come to the tree */
  restoreDscp?: RestoreDscp | undefined;
  /** Rules of another hand on the interface's way out, which packets pass before they come to the tree */
  leaving?: Hook;
  /** What is said of it already */
  remarks?: readonly Remark[];
}

export interface Imported {
  /** YAML of one policy */
  source: string;
  spec: PolicySpec;
  remarks: Remark[];
  /** Path of each class in the policy, by the classid that it has in the tree. */
  paths: Map<string, string>;
}

/** A tree of which no policy can be made, with the reason for the operator. */
export class ImportError extends Error {}
