// Scripts of right and wrong frames and resets, played into a design under the protocol checker of test/rtl/protocol.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import type { Bundle } from '../../src/codegen/bundle.ts';
import type { Network } from '../../src/model/network.ts';
import { evaluate } from '../../src/sim/reference.ts';
import { run } from '../../src/synth/run.ts';
import { type Random, seededRandom } from '../../src/util/random.ts';
import { randomImages } from './networks.ts';

const BENCH = resolve('test/rtl/protocol');

export interface Script {
  readonly lines: readonly string[];
  /** Expected beats, `{care, last, data}` as hex. */
  readonly expected: readonly string[];
}

const hex = (value: bigint): string => value.toString(16);

/** Input beats of an image: `lanes` pixels of 8 bits each. */
const beatsOf = (pixels: Uint8Array, lanes: number): bigint[] =>
  Array.from({ length: pixels.length / lanes }, (_, b) =>
    pixels
      .subarray(b * lanes, (b + 1) * lanes)
      .reduceRight((word, pixel) => (word << 8n) | BigInt(pixel), 0n),
  );

const expectedBeats = (network: Network, pixels: Uint8Array, care: boolean): string[] => {
  const { logits, class: best } = evaluate(network, pixels);
  return [...logits, best].map((value, i, all) => {
    const last = i === all.length - 1;
    return hex((BigInt(care ? 2 : 0) << 32n) | (BigInt(last ? 1 : 0) << 32n) | BigInt(value >>> 0));
  });
};

/** Segments between resets, each of whole frames (some with a wrong tlast); all but the last end within a frame. */
const scriptOf = (network: Network, lanes: number, random: Random, segments: number): Script => {
  const lines: string[] = [];
  const expected: string[] = [];
  const images = randomImages(network, 24, random.below(1000));
  let next = 0;
  const starts: number[] = [];
  const segmentLines: string[][] = [];
  for (let segment = 0; segment < segments; segment++) {
    const own: string[] = [];
    starts.push(expected.length);
    let errors = 0;
    for (let frame = 1 + random.below(4); frame > 0; frame--) {
      const beats = beatsOf(images[next % images.length]!, lanes);
      const kind = ['right', 'right', 'early', 'late'][random.below(beats.length > 1 ? 4 : 2)]!;
      const sent = kind === 'early' ? beats.slice(0, 1 + random.below(beats.length - 1)) : [...beats];
      if (kind === 'late') sent.push(...beats.slice(0, 1 + random.below(3)));
      if (kind !== 'right') errors++;
      own.push(...sent.map((beat, i) => `0 ${i === sent.length - 1 ? 1 : 0} ${hex(beat)}`));
      expected.push(...expectedBeats(network, images[next % images.length]!, kind !== 'early'));
      next++;
    }
    own.push(`1 0 ${hex(BigInt(errors))}`);
    if (segment < segments - 1) {
      const pixels = images[next++ % images.length]!;
      const beats = beatsOf(pixels, lanes);
      // where pixels are cut off, its result may come out before its end
      expected.push(...expectedBeats(network, pixels, true));
      own.push(...beats.slice(0, random.below(beats.length)).map((beat) => `0 0 ${hex(beat)}`));
    }
    segmentLines.push(own);
  }
  starts.push(expected.length);
  lines.push(`0 0 ${hex(BigInt(starts[1]!))}`);
  segmentLines.forEach((own, segment) => {
    lines.push(...own);
    if (segment < segments - 1)
      lines.push(`2 0 ${hex((BigInt(starts[segment + 2]!) << 32n) | BigInt(starts[segment + 1]!))}`);
  });
  return { lines: [...lines, '3 0 0'], expected };
};

export interface Played {
  readonly folder: string;
  readonly bundle: Bundle;
  readonly network: Network;
  readonly seed: number;
  /** Verilog files instead of the emitted ones. */
  readonly sources?: readonly string[];
  /** More of Icarus's arguments. */
  readonly options?: readonly string[];
  /** What is driven where nothing is offered; default unknown, so that nothing may look at it. */
  readonly idle?: 'x' | '0';
}

/** What the bench says when all is well, with stalls and without. */
export const PASS = /^protocol: PASS beats=\d+\nprotocol: PASS beats=\d+$/;

/** Builds the bench around an emitted folder and plays a script; what it says, once with stalls and once without. */
export const play = async ({
  folder,
  bundle,
  network,
  seed,
  sources,
  options = [],
  idle = 'x',
}: Played): Promise<string> => {
  const { top, plan } = bundle.manifest;
  const inBits = top.ports.find(({ name }) => name === 's_axis_tdata')!.bits;
  const script = scriptOf(network, inBits / 8, seededRandom(seed, 'protocol'), 12);
  writeFileSync(join(folder, 'script.txt'), `${script.lines.join('\n')}\n`);
  writeFileSync(join(folder, 'expected.hex'), `${[...script.expected, '0'].join('\n')}\n`);
  const files = sources ?? readFileSync(join(folder, 'files.f'), 'utf8').trim().split('\n');
  const defines = {
    TOP: top.module,
    IN_BITS: inBits,
    EXPECTED: script.expected.length,
    PATIENCE: 4 * (plan.latency + plan.initiationInterval) + 1000,
    IDLE: `1'b${idle}`,
  };
  const args = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
  const bench = ['stream_checker.v', 'tb.v'].map((name) => join(BENCH, name));
  const built = await run(
    'iverilog',
    ['-g2005', ...args, ...options, '-s', 'tb', '-o', 'protocol.vvp', ...files, ...bench],
    { cwd: folder },
  );
  expect(built.code, built.stderr).toBe(0);
  const said: string[] = [];
  for (const stall of [1, 0]) {
    const options = { cwd: folder, timeoutMs: 300_000 };
    const { stdout } = await run('vvp', ['-n', 'protocol.vvp', `+stall=${stall}`, `+seed=${seed}`], options);
    said.push(stdout.trim());
  }
  return said.join('\n');
};
