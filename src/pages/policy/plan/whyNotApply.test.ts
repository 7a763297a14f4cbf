import { describe, expect, it } from 'vitest';
import { finding, plan } from '../../../testing/index.ts';
import { whyNotApply } from './whyNotApply.ts';

const ready = { plan: plan(), dirty: false, replaceForeign: false, applying: false, replanning: false };
const foreign = (restorable: boolean) => plan({ live: { owner: 'foreign', summary: 'tbf', restorable } });

describe('a plan', () => {
  it('of a saved revision with something to do may be applied', () => expect(whyNotApply(ready)).toBe(''));

  it('of an unsaved document is only looked at', () =>
    expect(whyNotApply({ ...ready, dirty: true })).toMatch(/Save the document first/));

  it('with nothing to do is not applied', () =>
    expect(whyNotApply({ ...ready, plan: plan({ operations: [] }) })).toMatch(/Nothing to do/));

  it('with an error is not applied', () =>
    expect(whyNotApply({ ...ready, plan: plan({ findings: [finding()] }) })).toMatch(/errors/));

  it('that is being made again is not applied', () => expect(whyNotApply({ ...ready, replanning: true })).not.toBe(''));

  it('never replaces a foreign tree that could not be restored without being told to', () => {
    expect(whyNotApply({ ...ready, plan: foreign(false) })).toMatch(/could not be restored/);
    expect(whyNotApply({ ...ready, plan: foreign(false), replaceForeign: true })).toBe('');
    expect(whyNotApply({ ...ready, plan: foreign(true) })).toBe('');
  });
});
