// Reads value change dumps and compares two of the same design clock edge by clock edge: what a register would sample.

/** Values that each rising clock edge samples, oldest first, by full signal name (`tb.u_dut.aclk`). */
export interface Waves {
  readonly edges: number;
  readonly signals: ReadonlyMap<string, readonly string[]>;
}

const full = (value: string, bits: number): string => {
  const fill = value[0] === '1' ? '0' : value[0]!;
  return value.padStart(bits, fill).toLowerCase();
};

interface Declared {
  readonly code: string;
  readonly bits: number;
}

const declared = (header: string): Map<string, Declared> => {
  const scope: string[] = [];
  const found = new Map<string, Declared>();
  for (const [, keyword, rest] of header.matchAll(/\$(scope|upscope|var)\s+(.*?)\s*\$end/gs)) {
    const words = rest!.split(/\s+/);
    if (keyword === 'scope') scope.push(words[1]!);
    else if (keyword === 'upscope') scope.pop();
    else found.set([...scope, words[3]!].join('.'), { code: words[2]!, bits: Number(words[1]) });
  }
  return found;
};

const changeOf = (line: string): [code: string, value: string] | undefined => {
  if (/^[bB]/.test(line)) {
    const [value, code] = line.slice(1).split(' ');
    return [code!, value!];
  }
  return /^[01xXzZ]/.test(line) ? [line.slice(1), line[0]!] : undefined;
};

/** Samples `text` at the rising edges of `clock`; only signals whose name `wanted` takes. */
export const sampleWaves = (text: string, clock: string, wanted: (name: string) => boolean): Waves => {
  const [header, body] = text.split('$enddefinitions $end') as [string, string];
  const all = declared(header);
  const ticks = all.get(clock)!.code;
  const kept = [...all].filter(([name]) => wanted(name));
  const samples = kept.map(([name, { code, bits }]) => ({ name, code, bits, values: [] as string[] }));
  const now = new Map<string, string>();
  let edges = 0;
  for (const instant of body.split(/^#/m)) {
    const [, ...lines] = instant.split('\n'); // the first one is the time
    const changes = lines.map(changeOf).filter((change) => change !== undefined);
    const rises = now.get(ticks) === '0' && changes.some(([code, value]) => code === ticks && value === '1');
    if (rises) {
      edges++;
      for (const { code, bits, values } of samples) values.push(full(now.get(code) ?? 'x', bits));
    }
    for (const [code, value] of changes) now.set(code, value);
  }
  return { edges, signals: new Map(samples.map(({ name, values }) => [name, values])) };
};

export interface WaveDifference {
  readonly signal: string;
  readonly cycle: number;
  readonly expected: string;
  readonly got: string;
}

export interface WaveComparison {
  /** Values compared, by signal: those that `expected` knows. */
  readonly compared: ReadonlyMap<string, number>;
  readonly first: WaveDifference | null;
}

/** The edge that samples the first accepted input beat. */
export const firstBeat = ({ signals, edges }: Waves): number => {
  const [valid, ready] = ['tvalid', 'tready'].map((name) => signals.get(`tb.u_dut.s_axis_${name}`)!);
  for (let edge = 0; edge < edges; edge++) if (valid![edge] === '1' && ready![edge] === '1') return edge;
  throw new Error('no input beat was accepted');
};

/** Every known value of `expected`, whose first edge is cycle 0, against `got`. A signal that is missing is a difference. */
export const compareWaves = (expected: Waves, got: Waves): WaveComparison => {
  const offset = firstBeat(got);
  const compared = new Map<string, number>();
  let first: WaveDifference | null = null;
  for (let cycle = 0; cycle < expected.edges; cycle++) {
    for (const [signal, values] of expected.signals) {
      const value = values[cycle]!;
      if (value.includes('x')) continue;
      compared.set(signal, (compared.get(signal) ?? 0) + 1);
      const other = got.signals.get(signal)?.[offset + cycle] ?? 'nothing';
      if (other !== value) first ??= { signal, cycle, expected: value, got: other };
    }
  }
  return { compared, first };
};
