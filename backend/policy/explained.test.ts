import { describe, expect, it } from 'vitest';
import { CODES, type Code } from './codes.ts';
import { explain, EXPLAINED, saidOf } from './explained.ts';

const codes = Object.keys(CODES) as Code[];

describe('the example of a code', () => {
  it.each(codes.filter((code) => EXPLAINED[code].example))('%s raises it, and mended does not', (code) => {
    const { example } = explain(code);
    expect(saidOf(example!.text).map((item) => item.code)).toContain(code);
    if (example!.mended === undefined) {
      expect(code).toBe('CP-EMPTY');
      return;
    }
    expect(example!.mended).not.toBe(example!.text);
    const after = saidOf(example!.mended);
    expect(after.map((item) => item.code)).not.toContain(code);
    expect(after.filter((item) => item.severity === 'error')).toEqual([]);
  });
  it('is there but where no short policy raises it', () => {
    expect(codes.filter((code) => !EXPLAINED[code].example)).toEqual([
      'CP-NOT-YET', 'CP-MATCH-UNCHECKED', 'CP-TOO-DEEP', 'CP-MANY', 'CP-TOO-MANY', 'CP-INGRESS-UNSEEN', 'CP-MORE', 'CP-VARIABLE-MISSING', 'CP-REFERENCE', 'CP-UNREADABLE', 'CP-IN-FORCE', 'CP-INTERFACE',
      'CP-SCHEDULE-OVERLAP',
      'CP-BINDING-CONFLICT',
    ]); // prettier-ignore
  });
});
