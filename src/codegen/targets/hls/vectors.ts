// Golden vectors of the C++ testbench: input beats, one code a line of every hidden layer, output beats.
import { packLanes } from '../../../arch/folded/rom-image.ts';
import type { GoldenVector } from '../../../model/vectors.ts';
import { describeDataFile, hexText } from '../../data-file.ts';
import type { Design } from '../verilog/design.ts';
import type { VectorStream } from '../verilog/vectors.ts';

const stream = (id: string, words: readonly bigint[], width: number): VectorStream => {
  const file = `vectors/${id}.hex`;
  return { id, words, width, data: describeDataFile(file, words, width) };
};

const pixelBeats = (pixels: Uint8Array, lanes: number, bits: number): bigint[] =>
  Array.from({ length: pixels.length / lanes }, (_, beat) =>
    packLanes(Array.from(pixels.subarray(beat * lanes, (beat + 1) * lanes)), bits),
  );

/** `pixels` first, one stream for each hidden layer, `outputs` last. */
export const hlsStreams = (
  design: Design,
  inLanes: number,
  vectors: readonly GoldenVector[],
): VectorStream[] => {
  const pixels = vectors.flatMap((vector) => pixelBeats(vector.pixels, inLanes, design.pixelBits));
  const outputs = vectors.flatMap(({ trace }) => [
    ...Array.from(trace.logits, (logit) => BigInt.asUintN(32, BigInt(logit))),
    BigInt(trace.class),
  ]);
  return [
    stream('pixels', pixels, inLanes * design.pixelBits),
    ...design.layers.slice(0, -1).map(({ id, outBits }, i) =>
      stream(
        id,
        vectors.flatMap(({ trace }) => Array.from(trace.layers[i]!.codes, BigInt)),
        outBits,
      ),
    ),
    stream('outputs', outputs, 32),
  ];
};

export const vectorText = ({ data, words, width }: VectorStream): [string, string] => [
  data.file,
  hexText(words, width),
];
