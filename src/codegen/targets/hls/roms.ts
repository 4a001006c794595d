// Weights as constant arrays: rom[pe][chunk][step], each word the trit codes of up to 32 bits of lanes of one PE; in base 3
// rom[0][byte][word], four lanes a byte.
import { accumulatorStart } from '../../../arch/folded/plan.ts';
import { weightRom } from '../../../arch/folded/rom-image.ts';
import { codeBits, tritCode } from '../../../num/trit.ts';
import { render } from '../../../util/render.ts';
import type { DataFile } from '../../bundle.ts';
import { describeDataFile } from '../../data-file.ts';
import type { LayerDesign } from '../verilog/design.ts';

/** Bits of the widest array element. */
const WORD_BITS = 32;

export interface HlsRom {
  readonly layer: string;
  readonly id: string;
  readonly design: LayerDesign;
  /** Lanes of one word. */
  readonly chunkLanes: number;
  readonly chunks: number;
  /** 8, 16 or 32. */
  readonly wordBits: number;
  /** [pe][chunk][step]; in base 3 [1][byte][word] */
  readonly words: readonly (readonly (readonly number[])[])[];
  readonly data: DataFile;
}

const elementBits = (bits: number): number => (bits <= 8 ? 8 : bits <= 16 ? 16 : WORD_BITS);

/** Codes of lanes chunk x chunkLanes ... of PE `p` in step `step`. */
const wordOf = (
  { layer, plan }: LayerDesign,
  p: number,
  step: number,
  lanes: readonly [number, number],
): number => {
  const { alphabet, cols, trits } = layer.weights;
  const bits = codeBits(alphabet);
  const pass = Math.floor(step / plan.synapseFold);
  const start = (pass * plan.pe + p) * cols + (step % plan.synapseFold) * plan.simd;
  let word = 0;
  for (let lane = lanes[1] - 1; lane >= lanes[0]; lane--)
    word = word * 2 ** bits + tritCode(trits[start + lane]!, alphabet);
  return word;
};

/** The bytes of the folded architecture's ROM words. */
const base3Rom = ({ layer, plan, id, ...others }: LayerDesign): HlsRom => {
  const { words, width } = weightRom(layer, plan);
  const bytes = Array.from({ length: width / 8 }, (_, b) =>
    words.map((word) => Number((word >> BigInt(8 * b)) & 255n)),
  );
  const data = describeDataFile(`src/${id}_rom.hpp`, bytes.flat().map(BigInt), WORD_BITS);
  const design = { layer, plan, id, ...others };
  return {
    layer: layer.name,
    id,
    design,
    chunkLanes: 4,
    chunks: bytes.length,
    wordBits: 8,
    words: [bytes],
    data,
  };
};

export const hlsRom = (design: LayerDesign): HlsRom => {
  if (design.plan.rom.packing === 'base3') return base3Rom(design);
  const { layer, plan, id } = design;
  const bits = codeBits(layer.weights.alphabet);
  const chunkLanes = Math.min(plan.simd, WORD_BITS / bits);
  const chunks = Math.ceil(plan.simd / chunkLanes);
  const words = Array.from({ length: plan.pe }, (_, p) =>
    Array.from({ length: chunks }, (_, chunk) => {
      const lanes = [chunk * chunkLanes, Math.min((chunk + 1) * chunkLanes, plan.simd)] as const;
      return Array.from({ length: plan.cycles }, (_, step) => wordOf(design, p, step, lanes));
    }),
  );
  const all = words.flat(2).map(BigInt);
  const data = describeDataFile(`src/${id}_rom.hpp`, all, WORD_BITS);
  const wordBits = elementBits(chunkLanes * bits);
  return { layer: layer.name, id, design, chunkLanes, chunks, wordBits, words, data };
};

const WORDS_A_LINE = 16;

/** Words in hexadecimal, in lines of a readable length. */
const hexLines = (words: readonly number[]): string[] => {
  const lines = Math.ceil(words.length / WORDS_A_LINE);
  return Array.from({ length: lines }, (_, line) =>
    words
      .slice(line * WORDS_A_LINE, (line + 1) * WORDS_A_LINE)
      .map((word) => `0x${word.toString(16)},`)
      .join(' '),
  );
};

const thresholdRowsOf = ({ layer, plan }: LayerDesign): string[] => {
  if (layer.requantize.kind !== 'thresholds') return [];
  const { thresholds } = layer.requantize;
  const levels = thresholds.length / plan.outputs;
  return Array.from({ length: plan.outputs }, (_, row) =>
    Array.from(thresholds.subarray(row * levels, (row + 1) * levels)).join(', '),
  );
};

/** What rows start from: one constant, or one value for each row. */
export const startsOf = ({ layer }: LayerDesign): readonly number[] => {
  const start = accumulatorStart(layer);
  return layer.bias === null ? [start] : Array.from(layer.bias, (bias) => bias + start);
};

/** Path and text of the header. */
export const romHeader = (rom: HlsRom, tool: string): [string, string] => {
  const { design, id } = rom;
  const { plan, layer, outBits } = design;
  const starts = startsOf(design);
  const rows = thresholdRowsOf(design);
  const view = {
    name: layer.name,
    tool,
    id,
    guard: id.toUpperCase(),
    inputs: plan.inputs,
    outputs: plan.outputs,
    base3: plan.rom.packing === 'base3',
    bankCount: rom.words.length,
    pe: plan.pe,
    simd: plan.simd,
    synapseFold: plan.synapseFold,
    chunkLanes: rom.chunkLanes,
    chunks: rom.chunks,
    steps: plan.rom.words,
    wordBits: rom.wordBits,
    startComment:
      layer.bias === null
        ? 'what every row starts from: half a unit of the shift, or 0'
        : 'what each row starts from: its bias, and half a unit of the shift',
    startCount: starts.length,
    starts: starts.join(', '),
    thresholds: rows.length > 0,
    levels: 2 ** outBits - 1,
    thresholdRows: rows,
    banks: rom.words.map((chunks) => ({ chunks: chunks.map((words) => ({ lines: hexLines(words) })) })),
  };
  return [rom.data.file, render('hls/core/rom.hpp.hbs', view)];
};
