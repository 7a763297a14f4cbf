/** Actions of rules as steps, those too that tc could not be told back: what each does, and what comes after it. */
import type { Action, Ctinfo, Verdict } from '../model.ts';
import { parseRate, parseSize } from '../units.ts';

/** Beside Verdict: the rule ends there and its class holds, or the packet is gone. */
export type Then = Verdict | 'pass' | 'stolen';
export type Step = (
  | {
      kind: 'police';
      rate: number;
      burst: number;
      mtu: number;
      /** bytes that each packet counts more */
      overhead: number;
      /** bit/s that a bucket of `mtu` bytes passes, where there is one */
      peak: number | undefined;
      /** The bucket, where several rules may share it */
      bucket: string | undefined;
      exceed: Then;
    }
  | { kind: 'dscp'; family: 4 | 6; dscp: number; clearsEcn: boolean }
  | { kind: 'mark'; value: number; mask: number }
  /** These bits of the mark of the packet's connection become its own, and a DSCP that it keeps the packet's */
  | { kind: 'connection'; bits: number; dscp?: Ctinfo['dscp'] | undefined }
  | { kind: 'vlan'; id: number; priority: number }
  | { kind: 'mirror' | 'redirect'; device: string }
  /** Nothing that stays: a sum made right again */
  | { kind: 'nothing' }
  /** In tc's words */
  | { kind: 'unsaid'; text: string }
) & { then: Then };

const FULL = 2 ** 32 - 1;

function thenOf(text: string): Then | undefined {
  const chain = /^goto chain (\d+)$/.exec(text)?.[1];
  if (chain) {
    return { chain: Number(chain) };
  }
  switch (text) {
    case 'pipe':
    case 'continue':
    case 'drop':
    case 'pass':
    case 'stolen':
      return text;
    case 'shot':
    // Asked again it is too much again, until the kernel gives up and drops it (cls_api.c, max_reclassify_loop).
    case 'reclassify':
      return 'drop';
    default:
      return undefined;
  }
}

/** tc shows the key of pedit as the word that it changes: at the IP header where that is said, else at the network header. */
function dscpOf(text: string): Step | undefined {
  const [, control, base, value, mask] = /^pedit action (\S+) keys 1 key #0 at (?:ipv([46])\+)?0: val ([0-9a-f]{8}) mask ([0-9a-f]{8})$/.exec(text) ?? []; // prettier-ignore
  const then = thenOf(control ?? '');
  const family = base === '6' || (!base && /^f0/.test(mask ?? '')) ? 6 : 4;
  const [byte, ecn] = family === 4 ? ['ff00ffff', 'ff03ffff'] : ['f00fffff', 'f03fffff'];
  const tos = parseInt(value ?? '', 16) >>> (family === 4 ? 16 : 20);
  return then && (mask === ecn || mask === byte) && tos < 256 && (mask === byte || (tos & 3) === 0)
    ? { kind: 'dscp', family, dscp: tos >> 2, clearsEcn: mask === byte, then }
    : undefined;
}

function policeOf(text: string): Step | undefined {
  const match = /^police (\S+) rate (\S+) burst (\S+) mtu (\S+)(?: peakrate (\S+))? action ([a-z]+(?: chain \d+)?)(?:\/(.+?))? overhead (\d+)b(?: linklayer ethernet)?$/.exec(text); // prettier-ignore
  const [, bucket, , , , peak, beyond = '', within = 'pass', overhead] = match ?? [];
  const [rate, burst, mtu] = [parseRate(match?.[2] ?? ''), parseSize(match?.[3] ?? ''), parseSize(match?.[4] ?? '')];
  const [exceed, then] = [thenOf(beyond), thenOf(within)];
  return rate && burst && mtu && exceed && then
    ? {
        kind: 'police',
        rate,
        burst,
        mtu,
        overhead: Number(overhead),
        peak: peak ? parseRate(peak) : undefined,
        bucket,
        exceed,
        then,
      }
    : undefined;
}

/** @param text of an action that the reader has no words for */
function foreign(text: string): Step {
  const [, verdict] = /^gact action (\S+|goto chain \d+) random type none pass val 0$/.exec(text) ?? [];
  const marked = /^skbedit mark (\d+)(?:\/(\S+))? (\S+)$/.exec(text);
  const tag = /^vlan modify id (\d+) protocol 802\.1Q priority (\d) (\S+)$/.exec(text);
  const sent = /^mirred \(Egress (Mirror|Redirect) to device (\S+)\) (\S+)$/.exec(text);
  const control = thenOf(verdict ?? marked?.[3] ?? tag?.[3] ?? sent?.[3] ?? '');
  if (control && verdict) {
    return { kind: 'nothing', then: control };
  }
  if (control && marked) {
    return { kind: 'mark', value: Number(marked[1]), mask: Number(marked[2] ?? FULL), then: control };
  }
  if (control && tag) {
    return { kind: 'vlan', id: Number(tag[1]), priority: Number(tag[2]), then: control };
  }
  if (control && sent) {
    return { kind: sent[1] === 'Mirror' ? 'mirror' : 'redirect', device: sent[2]!, then: control };
  }
  const looked = /^(?:connmark zone 0 (\S+)|ctinfo zone 0 (\S+) cpmark (0x[0-9a-f]+))$/.exec(text);
  const on = thenOf(looked?.[1] ?? looked?.[2] ?? '');
  if (looked && on) {
    return { kind: 'connection', bits: Number(looked[3] ?? FULL), then: on };
  }
  const sum = thenOf(/^csum \(.*\) action (\S+)$/.exec(text)?.[1] ?? '');
  if (sum) {
    return { kind: 'nothing', then: sum };
  }
  // Of a police, what conforms goes on in its own way.
  const [, within] = /^police .* action [a-z]+(?:\/([a-z]+))?/.exec(text) ?? [];
  const said = text.startsWith('police ') ? (within ?? 'pass') : text.match(/\b(pass|pipe|continue|drop|reclassify|stolen)\b/g)?.at(-1); // prettier-ignore
  return dscpOf(text) ?? policeOf(text) ?? { kind: 'unsaid', text, then: thenOf(said ?? '') ?? 'pipe' };
}

export function stepOf(action: Action): Step {
  switch (action.kind) {
    case 'goto':
      return { kind: 'nothing', then: { chain: action.chain } };
    case 'police': {
      const { rate, burst, mtu, overhead = 0, exceed, conform } = action;
      return { kind: 'police', rate, burst, mtu, overhead, peak: undefined, bucket: undefined, exceed, then: conform };
    }
    case 'dscp':
      return { ...action, clearsEcn: false, then: 'pipe' };
    case 'checksum':
      return { kind: 'nothing', then: 'pipe' };
    case 'mark':
    case 'vlan':
    case 'mirror':
      return { ...action, kind: action.kind, then: 'pipe' } as Step;
    case 'redirect':
      return { kind: 'redirect', device: action.device, then: 'stolen' };
    case 'ctinfo':
      return { kind: 'connection', bits: action.mark ?? 0, dscp: action.dscp, then: action.then };
    case 'other':
      return foreign(action.text);
  }
}
