/**
 * Percentiles that can be stored and merged: DDSketch (Masson, Rim, Lee, VLDB 2019), relative accuracy 1 %. Percentiles of windows are never averaged; their
 * sketches are merged. The library's own encoding needs a protobuf runtime, forgets minimum and maximum, and is not installed: the bins are written here.
 */
import { DDSketch } from '@datadog/sketches-js';

/** A value read back is within this share of the true one. */
export const SKETCH_ACCURACY = 0.01;
const FORMAT = 1;
/** format, then accuracy, zero count, sum, min and max as 64-bit floats, little endian. */
const HEADER_BYTES = 1 + 5 * 8;

export type Sketch = DDSketch;

export const createSketch = (): Sketch => new DDSketch({ relativeAccuracy: SKETCH_ACCURACY });

/** @param percent 0 to 100 @returns null for an empty sketch; 0 and 100 are the exact minimum and maximum */
export function sketchPercentile(sketch: Sketch, percent: number): number | null {
  if (sketch.count === 0) {
    return null;
  }
  if (percent >= 100) {
    return sketch.max;
  }
  const value = percent <= 0 ? sketch.min : sketch.getValueAtQuantile(percent / 100);
  return Math.min(sketch.max, Math.max(sketch.min, value));
}

/** A new sketch of both; neither is changed. */
export function mergeSketches(a: Sketch, b: Sketch): Sketch {
  const merged = createSketch();
  merged.merge(a);
  merged.merge(b);
  return merged;
}

/** Bytes for a blob column: a header, then (bin key − key before, count) as variable-length integers. */
export function encodeSketch(sketch: Sketch): Uint8Array {
  const bytes = new Array<number>();
  let before = 0;
  sketch.store.bins.forEach((count, i) => {
    if (count > 0) {
      const key = i + sketch.store.offset;
      writeVarint(bytes, zigzag(key - before));
      writeVarint(bytes, count);
      before = key;
    }
  });
  const encoded = new Uint8Array(HEADER_BYTES + bytes.length);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, FORMAT);
  [sketch.mapping.relativeAccuracy, sketch.zeroCount, sketch.sum, sketch.min, sketch.max].forEach((value, i) =>
    view.setFloat64(1 + 8 * i, value, true)
  );
  encoded.set(bytes, HEADER_BYTES);
  return encoded;
}

/** @throws RangeError on bytes that encodeSketch did not write */
export function decodeSketch(encoded: Uint8Array): Sketch {
  if (encoded.length < HEADER_BYTES || encoded[0] !== FORMAT) {
    throw new RangeError(`Not a sketch of format ${FORMAT}: ${encoded.length} bytes, format ${encoded[0] ?? 'none'}.`);
  }
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const [accuracy, zeroCount, sum, min, max] = [0, 1, 2, 3, 4].map((i) => view.getFloat64(1 + 8 * i, true)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const sketch = new DDSketch({ relativeAccuracy: accuracy });
  let key = 0;
  const cursor = { at: HEADER_BYTES };
  while (cursor.at < encoded.length) {
    key += unzigzag(readVarint(encoded, cursor));
    sketch.store.add(key, readVarint(encoded, cursor));
  }
  sketch.zeroCount = zeroCount;
  sketch.count = sketch.store.count + zeroCount;
  sketch.sum = sum;
  sketch.min = min;
  sketch.max = max;
  return sketch;
}

const zigzag = (n: number): number => (n < 0 ? -2 * n - 1 : 2 * n);
const unzigzag = (n: number): number => (n % 2 === 1 ? -(n + 1) / 2 : n / 2);

function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function readVarint(bytes: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) {
      throw new RangeError('A sketch ends in the middle of a number.');
    }
    value += (byte % 0x80) * scale;
    if (byte < 0x80) {
      return value;
    }
  }
}
