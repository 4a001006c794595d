// Golden vectors as the testbench's streams: input beats, hidden code beats of every layer, output beats.
import { packLanes } from '../../../arch/folded/rom-image.ts';
import type { GoldenVector } from '../../../model/vectors.ts';
import type { DataFile } from '../../bundle.ts';
import { describeDataFile, hexText } from '../../data-file.ts';
import type { Design, LayerDesign } from './design.ts';

export interface VectorStream {
  /** Identifier in the testbench. */
  readonly id: string;
  readonly words: readonly bigint[];
  readonly width: number;
  readonly data: DataFile;
}

const beats = (values: ArrayLike<number>, lanes: number, bits: number): bigint[] =>
  Array.from({ length: values.length / lanes }, (_, beat) =>
    packLanes(
      Array.from({ length: lanes }, (_, lane) => values[beat * lanes + lane]!),
      bits,
    ),
  );

const stream = (id: string, file: string, words: bigint[], width: number): VectorStream => ({
  id,
  words,
  width,
  data: describeDataFile(file, words, width),
});

const codeStream = (design: LayerDesign, index: number, vectors: readonly GoldenVector[]): VectorStream => {
  const { id, lanes, outBits } = design;
  const words = vectors.flatMap(({ trace }) => beats(trace.layers[index]!.codes, lanes, outBits));
  return stream(id, `vectors/${id}.hex`, words, lanes * outBits);
};

const outputBeats = ({ trace }: GoldenVector): bigint[] => [
  ...Array.from(trace.logits, (logit) => BigInt.asUintN(32, BigInt(logit))),
  BigInt(trace.class),
];

/** The streams of the testbench: `pixels` first, one per hidden layer, `outputs` last. */
export const vectorStreams = (design: Design, vectors: readonly GoldenVector[]): VectorStream[] => {
  const pixels = vectors.flatMap((vector) => beats(vector.pixels, design.inLanes, design.pixelBits));
  return [
    stream('pixels', 'vectors/pixels.hex', pixels, design.inLanes * design.pixelBits),
    ...design.layers.slice(0, -1).map((layer, i) => codeStream(layer, i, vectors)),
    stream('outputs', 'vectors/outputs.hex', vectors.flatMap(outputBeats), 32),
  ];
};

export const vectorFile = ({ data, words, width }: VectorStream): [string, string] => [
  data.file,
  hexText(words, width),
];
