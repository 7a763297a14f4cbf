/** Another order of classes on a kernel: what the plan says of it, before and after. */
import { expect, it } from 'vitest';
import { onEach, WHOLE } from './kernel.ts';
import { Operator, policyOf } from './operator.ts';

const voice = { name: 'voice', match: [{ dscp: ['ef'] }], guarantee: '1mbit' };
const video = { name: 'video', match: [{ protocol: 'udp', destinationPorts: ['5004-5005'] }], guarantee: '2mbit' };
const rest = { name: 'rest', default: true };
const policy = (...classes: object[]) => policyOf({ bandwidth: '10mbit', classes: [...classes, rest] });

onEach(WHOLE, 'classes that change places', ({ network, place: placeOf }) => {
  it('are said with the packets that go from one to the other, and their rules as moved', { timeout: 60_000 }, async () => {
    const operator = await Operator.start();
    try {
      const place = placeOf(await network.make());
      expect((await operator.plan(place, policy(voice, video))).traffic).toBeNull();
      await operator.apply(place, policy(voice, video));
      expect((await operator.plan(place, policy(voice, video))).traffic).toEqual([]);

      const plan = await operator.plan(place, policy(video, voice));
      expect(plan.traffic).toEqual(['DSCP EF · UDP · to port 5004-5005: from voice to video']);
      const reasons = plan.operations.map(({ verb, reason }) => `${verb} ${reason}`);
      expect(reasons.filter((reason) => /^add (voice|video): .* \(moved from preference \d+ to \d+\)$/.test(reason)).length).toBeGreaterThan(0);
      expect(reasons.filter((reason) => reason.startsWith('del'))).toSatisfy((list: string[]) => list.every((reason) => reason === 'del rule moved: it stands elsewhere now'));

      await operator.apply(place, policy(video, voice));
      const back = await operator.engine.planRollback('main', place, plan.intent.device);
      expect(back.traffic).toEqual(['DSCP EF · UDP · to port 5004-5005: from video to voice']);
    } finally {
      await operator.stop();
    }
  });
}); // prettier-ignore
