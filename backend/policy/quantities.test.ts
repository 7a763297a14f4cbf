import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DSCP_NAMES,
  dscpName,
  formatAddress,
  formatDuration,
  formatRate,
  parseDscp,
  parseDuration,
  parseLimit,
  parsePercent,
  parsePorts,
  parsePrefix,
  parseProtocol,
  parseRate,
  parseSize,
  PROTOCOLS,
} from './quantities.ts';

const bits = (value: number) => ({ kind: 'absolute', bits: value });

describe('rates', () => {
  it.each([
    ['19mbit', 19_000_000], ['1900kbit', 1_900_000], ['0.1mbit', 100_000], ['1.5gbit', 1_500_000_000], ['8bit', 8], ['0mbit', 0],
    ['0.000001mbit', 1], ['1.10kbit', 1100], ['1000gbit', 1e12], ['999.999999999gbit', 999_999_999_999],
  ])('reads %s exactly', (text, value) => expect(parseRate(text)).toEqual(bits(value))); // prettier-ignore
  it('reads percents up to all there is', () => {
    expect(parseRate('0.5%')).toEqual({ kind: 'percent', percent: 0.5 });
    expect(parseRate('100%')).toEqual({ kind: 'percent', percent: 100 });
    expect(parseRate('101%')).toBe('101% is more than all there is. A percent of a rate is at most 100%.');
  });
  it.each(['', '19', '19 mbit', '19Mbit', '19mb', '-1mbit', '1e3kbit', '1,5mbit', '٣mbit', 'mbit', '19mbit/s', '1.mbit', '.5mbit', 'NaN%', 'Infinitybit'])(
    'refuses %j with an example',
    (text) =>
      expect(parseRate(text)).toBe(
        `"${text}" is not a rate. Write a number with kbit, mbit or gbit (decimal, e.g. 19mbit), or a percent such as 10%.`
      )
  ); // prettier-ignore
  it('refuses what is no whole bit, and more than any link', () => {
    expect(parseRate('0.5bit')).toBe('0.5bit is not a whole number of bits per second.');
    expect(parseRate('1000.1gbit')).toBe('1000.1gbit is more than 1000gbit, which no link here carries.');
    expect(parseRate(`${'9'.repeat(400)}gbit`)).toMatch(/more than 1000gbit/);
  });
  it('reads back every whole rate in every unit that writes it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (value) => {
        const decimal = (places: number) => {
          const digits = String(value).padStart(places + 1, '0');
          return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
        };
        expect(parseRate(`${value}bit`)).toEqual(bits(value));
        expect(parseRate(`${decimal(3)}kbit`)).toEqual(bits(value));
        expect(parseRate(`${decimal(6)}mbit`)).toEqual(bits(value));
        expect(parseRate(`${decimal(9)}gbit`)).toEqual(bits(value));
      })
    );
  });
  it('is shown with at most three digits after the point', () => {
    expect([0, 999, 1900, 1_900_000, 19_000_000, 1_234_567_890].map(formatRate)).toEqual([
      '0 bit/s', '999 bit/s', '1.9 kbit/s', '1.9 Mbit/s', '19 Mbit/s', '1.235 Gbit/s',
    ]); // prettier-ignore
  });
});

describe('durations, sizes and limits', () => {
  it.each([
    ['20ms', 20_000], ['0.5ms', 500], ['1s', 1e6], ['1m', 6e7], ['1h', 3.6e9], ['1000h', 3.6e12], ['1us', 1], ['0.0015ms', 2],
  ])('reads the duration %s as microseconds', (text, us) => expect(parseDuration(text)).toBe(us)); // prettier-ignore
  it.each(['0ms', '0.1us', '1001h', `${'9'.repeat(400)}h`])(
    'refuses the duration %s, which nothing can keep',
    (text) => {
      expect(parseDuration(text)).toBe(`${text} is not a duration that can be kept. Write 1us to 1000h.`);
    }
  );
  it.each(['20', 'ms', '-1ms', '20 ms', '20MS', '1d'])('refuses the duration %j with an example', (text) => {
    expect(parseDuration(text)).toBe(`"${text}" is not a duration. Write a number with us, ms, s, m or h, e.g. 20ms.`);
  });
  it('reads back every duration of whole microseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3.6e12 }), (us) => {
        expect(parseDuration(`${us}us`)).toBe(us);
        expect(parseDuration(`${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}ms`)).toBe(us);
      })
    );
  });
  it('shows durations in the largest unit that fits', () => {
    expect([500, 20_000, 1_500_000].map(formatDuration)).toEqual(['500 µs', '20 ms', '1.5 s']);
  });
  it('reads sizes, in 1024', () => {
    expect(['1B', '32KiB', '1.5KiB', '4095MiB'].map(parseSize)).toEqual([1, 32_768, 1536, 4095 * 1024 ** 2]);
    expect(parseSize('32kb')).toBe('"32kb" is not a size. Write a number with B, KiB or MiB, e.g. 32KiB.');
  });
  it.each(['0B', '4096MiB', `${'9'.repeat(400)}MiB`])('refuses the size %s, which the kernel does not take', (text) => {
    expect(parseSize(text)).toBe(`${text} is not a size that the kernel takes. Write 1B to 4095MiB.`);
  });
  it('reads limits in packets or bytes', () => {
    expect(parseLimit('200p')).toEqual({ packets: 200 });
    expect(parseLimit('32KiB')).toEqual({ bytes: 32_768 });
    expect(parseLimit('0p')).toBe(
      '0p is not a limit that the kernel takes. A queue holds at least 1p and at most 4294967295p.'
    );
    expect(parseLimit('0B')).toMatch(/^0B is not a size that the kernel takes/);
    expect(parseLimit('200')).toBe('"200" is not a queue limit. Write packets as 200p or a size as 32KiB.');
  });
  it('reads percents of a threshold from 0 to 100', () => {
    expect(['0%', '0.1%', '100%'].map(parsePercent)).toEqual([0, 0.1, 100]);
    expect(parsePercent('100.1%')).toBe('"100.1%" is not a percent. Write a number from 0 to 100 with %, e.g. 0.1%.');
  });
});

describe('DSCP', () => {
  it('reads every code point by number and by name, in any case', () => {
    for (let value = 0; value < 64; value++) {
      expect(parseDscp(value)).toBe(value);
      expect(parseDscp(String(value))).toBe(value);
      expect(parseDscp(dscpName(value))).toBe(value);
      expect(parseDscp(dscpName(value).toLowerCase())).toBe(value);
    }
  });
  it('has the assured forwarding and class selector points where RFC 2597 and RFC 2474 put them', () => {
    for (const row of [1, 2, 3, 4]) {
      for (const column of [1, 2, 3]) {
        expect(DSCP_NAMES[`af${row}${column}`]).toBe(8 * row + 2 * column);
      }
    }
    for (let selector = 0; selector < 8; selector++) {
      expect(DSCP_NAMES[`cs${selector}`]).toBe(8 * selector);
    }
    expect([DSCP_NAMES.ef, DSCP_NAMES.va, DSCP_NAMES.le, DSCP_NAMES.df]).toEqual([46, 44, 1, 0]);
  });
  it.each([-1, 64, 1.5, NaN, '64', '-1', '0x2e', 'af44', '', 'constructor', '__proto__', 'toString'])(
    'refuses %s',
    (value) => {
      expect(parseDscp(value)).toMatch(/is not a DSCP\. Write a name such as ef/);
    }
  );
});

describe('protocols and ports', () => {
  it('reads protocols by number and by name', () => {
    expect(parseProtocol(0)).toEqual({ number: 0 });
    expect(parseProtocol('255')).toEqual({ number: 255 });
    expect(parseProtocol('UDP')).toEqual({ number: 17 });
    expect(parseProtocol('icmpv6')).toEqual({ number: 58, family: 6 });
    expect(parseProtocol(256)).toBe('256 is not an IP protocol number (0-255).');
  });
  it.each(['udpp', '', 'constructor', '__proto__', 'tostring', 'valueof', '-1', '1.5'])(
    'refuses the protocol %j',
    (text) => {
      expect(parseProtocol(text)).toBe(
        `"${text}" is not a protocol known here. Use its number, or one of ${Object.keys(PROTOCOLS).join(', ')}.`
      );
    }
  );
  it('reads a port or a range of them', () => {
    expect(parsePorts(5060)).toEqual({ from: 5060, to: 5060 });
    expect(parsePorts('16384-32767')).toEqual({ from: 16_384, to: 32_767 });
  });
  it.each([0, 65_536, '2-1', '1-65536', '1-', '-1', 'http', '', 1.5, '1-2-3'])('refuses the ports %j', (value) => {
    expect(parsePorts(value)).toBe(
      `"${value}" is not a port or a range of ports. Write 5060 or 16384-32767, from 1 to 65535, the lower first.`
    );
  });
});

describe('prefixes', () => {
  const canonical = (text: string) => {
    const prefix = parsePrefix(text);
    return typeof prefix === 'string' ? prefix : prefix.text;
  };
  it.each([
    ['192.0.2.0/24', '192.0.2.0/24'], ['192.0.2.1', '192.0.2.1/32'], ['0.0.0.0/0', '0.0.0.0/0'], ['::/0', '::/0'], ['::', '::/128'],
    ['2001:DB8::/32', '2001:db8::/32'], ['2001:db8:0:0:0:0:0:1', '2001:db8::1/128'], ['::ffff:192.0.2.1', '::ffff:c000:201/128'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3/128'], ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7/128'], ['fe80::/10', 'fe80::/10'],
  ])('writes %s as %s (RFC 5952)', (text, expected) => expect(canonical(text)).toBe(expected)); // prettier-ignore
  it('says which prefix was probably meant', () => {
    expect(parsePrefix('192.0.2.1/24')).toBe(
      '"192.0.2.1/24" has bits set beyond its length. Did you mean 192.0.2.0/24?'
    );
    expect(parsePrefix('2001:db8::1/33')).toBe(
      '"2001:db8::1/33" has bits set beyond its length. Did you mean 2001:db8::/33?'
    );
  });
  it.each(['192.0.2.256', '192.0.2', '192.0.2.0/33', '::/129', '192.0.2.0/', '192.0.2.0/a', '1.2.3.4/8/8', 'host', '', '12345::', '::1::', '1.2.3.4/-1', 'fe80::1%eth0'])(
    'refuses %j',
    (text) => expect(parsePrefix(text)).toBe(`"${text}" is not an IP prefix. Write 192.0.2.0/24, 2001:db8::/32, or one address.`)
  ); // prettier-ignore
  it('reads back what it writes, and keeps exactly the bits of the length', () => {
    const bytes = fc.oneof(
      fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }),
      fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), { minLength: 16, maxLength: 16 })
    );
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 128 }), (address, any) => {
        const family = address.length === 4 ? 4 : 6;
        const length = any % (8 * address.length + 1);
        const kept = address.map((byte, i) => {
          const bits = Math.min(8, Math.max(0, length - 8 * i));
          return byte & (256 - 2 ** (8 - bits));
        });
        const text = `${formatAddress(family, kept)}/${length}`;
        expect(parsePrefix(text)).toEqual({ family, bytes: kept, length, text });
      })
    );
  });
});
