import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { burstKeeping, parseRate, parseSize, parseTime, rateArgument, readable, sameBurst, sameSize, sameTime, shownSize, writableBurst } from './units.ts'; // prettier-ignore

/** print_color_rate of iproute2 6.1 (lib/utils_math.c), of a kernel that keeps whole bytes per second. */
function printed(bits: number): string {
  let rate = Math.floor(bits / 8) * 8;
  let unit = 0;
  while (unit < 4 && rate >= 1000 && !(rate % 1000 !== 0 && rate < 1_000_000)) {
    rate = Math.floor(rate / 1000);
    unit++;
  }
  return `${rate}${['', 'K', 'M', 'G', 'T'][unit]}bit`;
}

const rates = fc.oneof(
  fc.integer({ min: 0, max: 1e12 }),
  fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(1, 1e3, 1e6)).map(([n, unit]) => n * unit)
);

describe('rates', () => {
  it.each([
    [19_000_000, 19_000_000], [1_900_000, 1_900_000], [123_456_789, 123_456_000], [12_345_678, 12_345_000], [999_999, 999_992], [7, 0], [8, 8],
    [1_000_001, 1_000_000], [999_999_999_999, 999_999_000_000], [1e12, 1e12],
  ])('of %d bit/s read back as %d', (bits, back) => expect(readable(bits)).toBe(back)); // prettier-ignore
  it('that can be read are what tc prints of them, at most what was asked for, and stay as they are', () => {
    fc.assert(
      fc.property(rates, (bits) => {
        const back = readable(bits);
        return back <= bits && readable(back) === back && parseRate(printed(bits)) === back && back >= bits * 0.999 - 8;
      })
    );
  });
  it('are written so that nothing is lost', () => {
    const value = (text: string) => {
      const [, number, unit] = /^(\d+)(bit|kbit|mbit|gbit)$/.exec(text)!;
      return Number(number) * { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 }[unit as 'bit'];
    };
    fc.assert(fc.property(rates, (bits) => value(rateArgument(bits)) === bits));
    expect([19e6, 1.9e6, 123_456, 2e9, 0].map(rateArgument)).toEqual([
      '19mbit',
      '1900kbit',
      '123456bit',
      '2gbit',
      '0bit',
    ]);
  });
  it('are read in the words of tc only', () => {
    expect(['19Mbit', '1900Kbit', '8bit', '2Gbit', '1Tbit', '1.5Mbit'].map(parseRate)).toEqual([
      19e6, 1.9e6, 8, 2e9, 1e12, 1.5e6,
    ]);
    expect(['19mbit', '19', 'Mbit', '19Mibit', ''].map(parseRate)).toEqual(Array(5).fill(undefined));
  });
});

describe('bursts', () => {
  it('are written so that they read back as they are shown, however often', () => {
    /** tc_calc_xmittime and tc_calc_xmitsize of tc/tc_core.c */
    const read = (size: number, rate: number) => {
      const ticks = Math.floor(Math.floor(1e6 * (size / (rate / 8))) * 15.625);
      return shownSize(Math.floor(((rate / 8) * Math.floor(ticks / 15.625)) / 1e6));
    };
    fc.assert(
      fc.property(fc.integer({ min: 1600, max: 20_000_000 }), fc.integer({ min: 64_000, max: 2e10 }), (size, rate) => {
        const shown = read(size, rate);
        expect(read(writableBurst(parseSize(shown)!, rate), rate)).toBe(shown);
      }),
      { numRuns: 2000 }
    );
    // 15 KiB at 4592 Mbit/s are shown as 14Kb, which written as such would be shown as 13776b.
    expect([read(15_360, 4.592e9), read(14_336, 4.592e9)]).toEqual(['14Kb', '13776b']);
    expect(read(writableBurst(14_336, 4.592e9), 4.592e9)).toBe('14Kb');
  });
  it('of which the kernel would keep too little for a frame become the least that is enough, all others stay', () => {
    const keptBy = (size: number, rate: number) =>
      (Math.floor(Math.floor((1e6 * size) / (rate / 8)) * 15.625) * 64 * rate) / 8e9;
    fc.assert(
      fc.property(fc.integer({ min: 1514, max: 200_000 }), fc.integer({ min: 8000, max: 1e11 }), (size, rate) => {
        const burst = burstKeeping(1514, size, rate);
        expect(keptBy(burst, rate)).toBeGreaterThanOrEqual(1514);
        expect(burst).toBeLessThanOrEqual(Math.max(size, 1514 + (3e-6 * rate) / 8 + 1));
      })
    );
    expect([burstKeeping(1514, 3028, 1e6), burstKeeping(1514, 1600, 1e9)]).toEqual([3028, 1751]);
  });
});

describe('sizes and times', () => {
  it('are read as tc prints them', () => {
    expect(['3028b', '32Kb', '32Mb', '1.5Kb', '60Kb'].map(parseSize)).toEqual([3028, 32_768, 33_554_432, 1536, 61_440]);
    expect(['4999us', '5ms', '18.2ms', '1s', '1e+03ms'].map(parseTime)).toEqual([4999, 5000, 18_200, 1e6, 1e6]);
    expect([parseSize('12'), parseTime('5'), parseTime('5m'), parseSize('1Tb')]).toEqual(Array(4).fill(undefined));
  });
  it('are the same when only the kernel’s rounding lies between them', () => {
    expect(sameTime(5000, 4999)).toBe(true);
    expect(sameTime(18_168, 18_200)).toBe(true);
    expect(sameTime(5000, 5100)).toBe(false);
    expect(sameSize(32 * 1024 ** 2, 33_554_432)).toBe(true);
    expect(sameSize(32_768, 33_000)).toBe(false);
    expect(sameBurst(3028, 3012, 100e6)).toBe(true);
    expect(sameBurst(3028, 2000, 100e6)).toBe(false);
    expect(sameBurst(64_000, 50_000, 100e9)).toBe(true);
  });
});
