// Value change dumps (IEEE 1364) of signals that are known cycle by cycle. Cycle n lasts from time 10 n to 10 n + 10 and
// its clock rises at its beginning, so a value is the one that the next rising edge samples.

export interface VcdSignal {
  /** Modules and blocks around it, outermost first, e.g. `tb`, `u_dut`. */
  readonly scope: readonly string[];
  readonly name: string;
  readonly bits: number;
  /** Binary digits in `cycle`, the highest first; UNKNOWN where the value means nothing. */
  at(cycle: number): string;
}

export interface Window {
  readonly from: number;
  readonly cycles: number;
}

export const UNKNOWN = 'x';

const PERIOD = 10;
const FIRST = 33;
const CHARACTERS = 94;

/** Short names that a VCD gives its signals: printable characters, counted. */
const shortName = (index: number): string => {
  const last = String.fromCharCode(FIRST + (index % CHARACTERS));
  return index < CHARACTERS ? last : shortName(Math.floor(index / CHARACTERS) - 1) + last;
};

/** `value` in two's complement of `bits` digits. */
export const digits = (value: number, bits: number): string =>
  BigInt.asUintN(bits, BigInt(value)).toString(2).padStart(bits, '0');

const scopeLines = (from: readonly string[], to: readonly string[]): string[] => {
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  return [
    ...from.slice(shared).map(() => '$upscope $end'),
    ...to.slice(shared).map((name) => `$scope ${name.includes('[') ? 'begin' : 'module'} ${name} $end`),
  ];
};

/** Signals of one scope must stand together. */
const declarations = (signals: readonly VcdSignal[]): string[] => {
  let scope: readonly string[] = [];
  const lines = signals.flatMap((signal, i) => {
    const range = signal.bits === 1 ? '' : ` [${signal.bits - 1}:0]`;
    const moves = scopeLines(scope, signal.scope);
    scope = signal.scope;
    return [...moves, `$var wire ${signal.bits} ${shortName(i)} ${signal.name}${range} $end`];
  });
  return [...lines, ...scopeLines(scope, [])];
};

const change = (value: string, bits: number, name: string): string =>
  bits === 1 ? `${value}${name}` : `b${value.replace(/^0+(?=.)/, '')} ${name}`;

/** The dump of `window`. `clock` is the signal that this function drives itself. */
export const vcdText = (
  signals: readonly VcdSignal[],
  clock: Pick<VcdSignal, 'scope' | 'name'>,
  { from, cycles }: Window,
): string => {
  const all = [{ ...clock, bits: 1, at: () => '1' }, ...signals];
  const lines = ['$timescale 1ns $end', ...declarations(all), '$enddefinitions $end'];
  const names = all.map((_, i) => shortName(i));
  const last = all.map(() => '');
  for (let cycle = from; cycle < from + cycles; cycle++) {
    lines.push(`#${cycle * PERIOD}`);
    if (cycle === from) lines.push('$dumpvars');
    all.forEach((signal, i) => {
      const value = signal.at(cycle);
      if (value === last[i] && i > 0) return;
      last[i] = value;
      lines.push(change(value, signal.bits, names[i]!));
    });
    if (cycle === from) lines.push('$end');
    lines.push(`#${cycle * PERIOD + PERIOD / 2}`, `0${names[0]}`);
  }
  lines.push(`#${(from + cycles) * PERIOD}`, `1${names[0]}`);
  return `${lines.join('\n')}\n`;
};
