// What the emitted testbench says, read strictly. A run has passed only when it says PASS last, once, after counting
// exactly what it was asked for; an exit status alone proves nothing.

export interface RtlMismatch {
  /** Index in the vector files. */
  readonly image: number;
  readonly layer: string;
  readonly neuron: number;
  readonly expected: number;
  readonly got: number;
}

export interface TestbenchReport {
  readonly passed: boolean;
  /** Why not, when it has not passed. */
  readonly reason: string | null;
  readonly images: number;
  readonly codes: number;
  readonly logits: number;
  readonly classes: number;
  readonly cycles: { readonly latency: number; readonly interval: number | null } | null;
  readonly mismatches: readonly RtlMismatch[];
  readonly errors: readonly string[];
}

const PREFIX = 'bitsim-tb: ';
const CHECKED = /^checked images=(\d+) codes=(\d+) logits=(\d+) classes=(\d+)$/;
const CYCLES = /^cycles latency=(\d+)(?: interval=(\d+))?$/;
const MISMATCH = /^mismatch image=(\d+) layer=(\S+) neuron=(\d+) expected=(-?\d+|x+) got=(-?\d+|[xX]+)$/;

const parseMismatch = (line: string): RtlMismatch | undefined => {
  const match = MISMATCH.exec(line);
  if (match === null) return undefined;
  const [, image, layer, neuron, expected, got] = match;
  return {
    image: Number(image),
    layer: layer!,
    neuron: Number(neuron),
    expected: Number(expected),
    got: Number(got),
  };
};

const reasonOf = (
  lines: readonly string[],
  checked: RegExpExecArray | undefined,
  images: number,
): string | null => {
  if (lines.length === 0) return 'the testbench said nothing';
  const error = lines.find((line) => line.startsWith('error '));
  if (error !== undefined) return error.slice('error '.length);
  const mismatch = lines.find((line) => line.startsWith('mismatch '));
  if (mismatch !== undefined) return mismatch;
  if (lines.at(-1) !== 'PASS') return `the last line was "${lines.at(-1)}", not PASS`;
  if (lines.filter((line) => line === 'PASS').length !== 1) return 'PASS was said more than once';
  if (checked === undefined) return 'it did not say what it checked';
  const counts = [checked[1], checked[4]].map(Number);
  if (counts.some((count) => count !== images) || Number(checked[3]) < images) {
    return `it checked ${checked[0]}, but ${images} images were asked for`;
  }
  return null;
};

/** Reads the testbench's output; `images` is what it was asked to check. */
export const parseTestbench = (stdout: string, images: number): TestbenchReport => {
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith(PREFIX))
    .map((line) => line.slice(PREFIX.length).trim());
  const checked = lines.map((line) => CHECKED.exec(line)).find((match) => match !== null) ?? undefined;
  const cycles = lines.map((line) => CYCLES.exec(line)).find((match) => match !== null);
  const reason = reasonOf(lines, checked, images);
  return {
    passed: reason === null,
    reason,
    images: Number(checked?.[1] ?? 0),
    codes: Number(checked?.[2] ?? 0),
    logits: Number(checked?.[3] ?? 0),
    classes: Number(checked?.[4] ?? 0),
    cycles: cycles
      ? { latency: Number(cycles[1]), interval: cycles[2] === undefined ? null : Number(cycles[2]) }
      : null,
    mismatches: lines.map(parseMismatch).filter((mismatch) => mismatch !== undefined),
    errors: lines.filter((line) => line.startsWith('error ')).map((line) => line.slice('error '.length)),
  };
};
