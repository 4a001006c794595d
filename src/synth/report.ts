// What the emitted testbench says, read strictly. A run has passed only when it says PASS last, once, after counting
// exactly what it was asked for, and nothing that is not understood; an exit status alone proves nothing.

export interface RtlMismatch {
  /** Index in the vector files. */
  readonly image: number;
  readonly layer: string;
  readonly neuron: number;
  readonly expected: number;
  readonly got: number;
  /** Clock cycle, counted from the first accepted input beat; null in C simulation, which has no clock. */
  readonly cycle: number | null;
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

/** The reason when there is no line of the testbench at all. */
export const SILENT = 'the testbench said nothing';

const MARK = 'bitsim-tb:';
const PREFIX = `${MARK} `;
const CHECKED = /^checked images=(\d+) codes=(\d+) logits=(\d+) classes=(\d+)$/;
const CYCLES = /^cycles latency=(\d+)(?: interval=(\d+))?$/;
const MISMATCH =
  /^mismatch image=(\d+) layer=(\S+) neuron=(\d+) expected=(-?\d+|[xXzZ]+) got=(-?\d+|[xXzZ]+)(?: cycle=(\d+))?$/;

const parseMismatch = (line: string): RtlMismatch | undefined => {
  const match = MISMATCH.exec(line);
  if (match === null) return undefined;
  const [, image, layer, neuron, expected, got, cycle] = match;
  return {
    image: Number(image),
    layer: layer!,
    neuron: Number(neuron),
    expected: Number(expected),
    got: Number(got),
    cycle: cycle === undefined ? null : Number(cycle),
  };
};

/** Everything the testbench may say; a line that is cut short or unknown is no part of a pass. */
const KNOWN = [CHECKED, CYCLES, MISMATCH, /^error \S/, /^PASS$/, /^FAIL$/];
/** What the simulators themselves add after `$finish`. */
const EPILOGUE = /\$finish/;

interface Said {
  /** The testbench's lines, without the prefix. */
  readonly lines: readonly string[];
  /** The first marked line that is not understood. */
  readonly unreadable: string | undefined;
  /** The first line after PASS that does not belong there. */
  readonly after: string | undefined;
}

const read = (stdout: string): Said => {
  const all = stdout.split(/\r?\n/);
  const marked = all.filter((line) => line.includes(MARK));
  const lines = marked
    .filter((line) => line.startsWith(PREFIX))
    .map((line) => line.slice(PREFIX.length).trim());
  const understood = (line: string): boolean =>
    line.startsWith(PREFIX) && KNOWN.some((known) => known.test(line.slice(PREFIX.length).trim()));
  const pass = all.findIndex((line) => line.trim() === `${PREFIX}PASS`);
  const rest = pass < 0 ? [] : all.slice(pass + 1).filter((line) => !line.startsWith(PREFIX));
  return {
    lines,
    unreadable: marked.find((line) => !understood(line)),
    after: rest.find((line) => line.trim() !== '' && !EPILOGUE.test(line)),
  };
};

/** What one image must add to the counts, where the caller knows it. */
export interface CountsPerImage {
  readonly codes: number;
  readonly logits: number;
}

const countsFit = (line: string, images: number, perImage: CountsPerImage | undefined): boolean => {
  const [checked, codes, logits, classes] = CHECKED.exec(line)!.slice(1).map(Number);
  if (codes === undefined || logits === undefined) return false;
  if (images < 1 || checked !== images || classes !== images) return false;
  if (perImage !== undefined) return codes === images * perImage.codes && logits === images * perImage.logits;
  return logits > 0 && logits % images === 0 && codes % images === 0;
};

const reasonOf = (
  { lines, unreadable, after }: Said,
  images: number,
  perImage?: CountsPerImage,
): string | null => {
  if (lines.length === 0 && unreadable === undefined) return SILENT;
  const error = lines.find((line) => line.startsWith('error '));
  if (error !== undefined) return error.slice('error '.length);
  const mismatch = lines.find((line) => line.startsWith('mismatch '));
  if (mismatch !== undefined) return mismatch;
  if (unreadable !== undefined) return `it said "${unreadable}", which is not understood`;
  if (lines.at(-1) !== 'PASS') return `the last line was "${lines.at(-1)}", not PASS`;
  if (lines.filter((line) => line === 'PASS').length !== 1) return 'PASS was said more than once';
  if (after !== undefined) return `"${after}" came after PASS`;
  const checked = lines.filter((line) => CHECKED.test(line));
  if (checked.length === 0) return 'it did not say what it checked';
  if (checked.length > 1) return 'it said more than once what it checked';
  if (countsFit(checked[0]!, images, perImage)) return null;
  const each = perImage === undefined ? '' : ` of ${perImage.codes} codes and ${perImage.logits} logits each`;
  return `it ${checked[0]}, but ${images} images${each} were asked for`;
};

/** Reads the testbench's output; `images` is what it was asked to check. */
export const parseTestbench = (
  stdout: string,
  images: number,
  perImage?: CountsPerImage | undefined,
): TestbenchReport => {
  const said = read(stdout);
  const { lines } = said;
  const checked = lines.map((line) => CHECKED.exec(line)).find((match) => match !== null);
  const cycles = lines.map((line) => CYCLES.exec(line)).find((match) => match !== null);
  const reason = reasonOf(said, images, perImage);
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
