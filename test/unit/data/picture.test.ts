// Pictures: every kind of PNG and PGM to the same grey bytes; damage is named.
import { encode, type ImageData } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { decodePicture } from '../../../src/data/picture.ts';

const png = (image: Partial<ImageData>, width = 3, height = 2): Uint8Array =>
  encode({ width, height, data: new Uint8Array(width * height), depth: 8, channels: 1, ...image });
const pixels = (bytes: Uint8Array): number[] => Array.from(decodePicture(bytes, 'x').pixels);

describe('PNG', () => {
  const grey = [0, 1, 127, 128, 254, 255];

  test('grey, 8 bits: the bytes themselves', () => {
    const picture = decodePicture(png({ data: Uint8Array.from(grey) }), 'x');
    expect(picture).toEqual({ height: 2, width: 3, pixels: Uint8Array.from(grey) });
  });

  test('16 bits: the upper byte', () => {
    const data = Uint16Array.from(grey, (v) => v * 256 + 200);
    expect(pixels(png({ data, depth: 16 }))).toEqual(grey);
  });

  test('colour is weighed, grey colours stay', () => {
    const data = Uint8Array.from(grey.flatMap((v) => [v, v, v]));
    expect(pixels(png({ data, channels: 3 }))).toEqual(grey);
    const primaries = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255);
    expect(pixels(png({ data: primaries, channels: 3 }, 3, 1))).toEqual([76, 150, 29]);
  });

  test('transparent is dark', () => {
    const data = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 128);
    expect(pixels(png({ data, channels: 4 }, 3, 1))).toEqual([255, 0, 128]);
    expect(pixels(png({ data: Uint8Array.of(200, 255, 200, 0), channels: 2 }, 2, 1))).toEqual([200, 0]);
  });

  test('a cut or altered file is refused', () => {
    const whole = png({ data: Uint8Array.from(grey) });
    for (const length of [9, 20, 40, whole.length - 15])
      expect(() => decodePicture(whole.subarray(0, length), 'x')).toThrow(/picture x must be a whole PNG/);
    const altered = whole.slice();
    altered[20]! ^= 1;
    expect(() => decodePicture(altered, 'x')).toThrow(/picture x must be a whole PNG/);
  });
});

describe('PGM', () => {
  const text = (content: string): Uint8Array => Buffer.from(content, 'latin1');

  test('P2 and P5, comments, other maxima', () => {
    expect(pixels(text('P2\n# made by hand\n3 2\n255\n0 1 127\n128 254 255\n'))).toEqual([
      0, 1, 127, 128, 254, 255,
    ]);
    expect(pixels(text('P2 2 1 1 0 1'))).toEqual([0, 255]);
    expect(pixels(Buffer.concat([text('P5 3 1 255\n'), Uint8Array.of(9, 10, 255)]))).toEqual([9, 10, 255]);
    expect(pixels(Buffer.concat([text('P5\n1 1\n65535\n'), Uint8Array.of(128, 0)]))).toEqual([128]);
  });

  test.each([
    ['P2 3 2 255 1 2 3', /hold 3 x 2 pixels, not 3/],
    ['P5 3 2 255\nab', /hold 3 x 2 pixels, not 2/],
    ['P2 1 1 7 8', /have no sample above 7/],
    ['P2 0 1 255', /another header/],
    ['P2 99999 1 255', /another header/],
    ['P2 x', /another header/],
  ])('%j is refused', (content, message) => {
    expect(() => decodePicture(text(content), 'x')).toThrow(message);
  });
});

test('anything else is refused', () => {
  expect(() => decodePicture(Buffer.from('GIF89a'), 'x')).toThrow(/picture x must be a PNG or PGM file/);
  expect(() => decodePicture(new Uint8Array(0), 'x')).toThrow(/must be a PNG or PGM file/);
});
