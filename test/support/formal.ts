// Proofs with Yosys alone. Combinational ones by its SAT solver; sequential ones by property-directed reachability (ABC's
// pdr, which comes with Yosys): both hold for all inputs, the latter for any number of cycles after reset.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/synth/run.ts';

export interface Proof {
  /** File in test/formal/proofs, and the library module that it is about, unless `module` says another. */
  readonly name: string;
  readonly module?: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly method: 'sat' | 'pdr';
  /** Library modules that it instantiates. */
  readonly needs?: readonly string[];
}

export type Verdict = 'proved' | 'refuted';

const TIMEOUT_MS = 300_000;

/** The library module's text. */
export const libraryModule = (name: string): string =>
  readFileSync(`templates/verilog/lib/bitsim_${name}.v`, 'utf8');

const yosysScript = ({ name, parameters, method }: Proof): string => {
  const values = Object.entries(parameters).map(([key, value]) => `-chparam ${key} ${value}`);
  const read = [
    `read_verilog -formal -sv ${name}.v`,
    'read_verilog dut.v',
    `hierarchy -check -top proof ${values.join(' ')}`,
    'proc',
    'flatten',
  ];
  if (method === 'sat')
    return [...read, 'opt', 'memory_map', 'sat -verify -prove-asserts -set-assumes proof'].join('; ');
  return [
    ...read,
    // whatever is undefined may be anything
    'setundef -anyseq',
    'setundef -undriven -anyseq',
    'setattr -unset keep',
    'opt -full',
    'memory_map',
    'opt -full',
    'techmap',
    'opt -fast',
    'dffunmap',
    'abc -g AND -fast',
    'opt_clean',
    'write_aiger -I -B -zinit proof.aig',
  ].join('; ');
};

/** Tries to prove `proof` of the module text `dut`, working in `folder`. Anything but a clear answer throws. */
export const prove = async (proof: Proof, dut: string, folder: string): Promise<Verdict> => {
  writeFileSync(join(folder, `${proof.name}.v`), readFileSync(`test/formal/proofs/${proof.name}.v`, 'utf8'));
  writeFileSync(join(folder, 'dut.v'), [...(proof.needs ?? []).map(libraryModule), dut].join('\n'));
  const options = { cwd: folder, timeoutMs: TIMEOUT_MS };
  const yosys = await run('yosys', ['-p', yosysScript(proof)], options);
  const log = `${yosys.stdout}\n${yosys.stderr}`;
  if (proof.method === 'sat') {
    if (yosys.code === 0 && log.includes('SAT proof finished - no model found: SUCCESS!')) return 'proved';
    if (log.includes('ERROR: Called with -verify and proof did fail!')) return 'refuted';
    throw new Error(`no answer from yosys: ${log.slice(-2000)}`);
  }
  if (yosys.code !== 0) throw new Error(`yosys failed: ${log.slice(-2000)}`);
  const abc = await run('yosys-abc', ['-c', 'read_aiger proof.aig; fold; strash; pdr'], options);
  if (abc.stdout.includes('Property proved.')) return 'proved';
  if (/Output \d+ of miter .* was asserted in frame \d+/.test(abc.stdout)) return 'refuted';
  throw new Error(`no answer from abc: ${abc.stdout.slice(-2000)}`);
};
