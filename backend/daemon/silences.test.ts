import { describe, expect, it } from 'vitest';
import type { ClassSample } from '../api/contract.ts';
import { Silences } from './silences.ts';

const sample = (trafficClass: string, silentSeconds: number): ClassSample => ({
  at: 0, binding: 'edge', trafficClass, rate: 0, packetRate: 0, drops: 0, dropsTotal: 0, backlogBytes: 1, backlogPackets: 1,
  guarantee: 0, ceiling: 0, silentSeconds,
}); // prettier-ignore

describe('a silence', () => {
  it('is told once it has lasted ten seconds, and again only after the class has sent', () => {
    const silences = new Silences();
    const told = [1, 9.9, 10, 11, 0, 5, 12, 13].map(
      (seconds) => silences.begun('main', [sample('voice', seconds)]).length
    );
    expect(told).toEqual([0, 0, 1, 0, 0, 0, 1, 0]);
  });
  it('of one class or tenant is not that of another', () => {
    const silences = new Silences();
    expect(silences.begun('main', [sample('voice', 10), sample('rest', 0)]).map((item) => item.trafficClass)).toEqual([
      'voice',
    ]);
    expect(silences.begun('main', [sample('voice', 11), sample('rest', 10)]).map((item) => item.trafficClass)).toEqual([
      'rest',
    ]);
    expect(silences.begun('other', [sample('voice', 11)])).toHaveLength(1);
  });
});
