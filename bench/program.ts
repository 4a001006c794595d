// What the benches of targets that are programs share: one random net a shape, its emitted folder, a clock around a command.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FoldingRequest, planFolded } from '../src/arch/folded/plan.ts';
import { writeFolder } from '../src/cli/emitted-folder.ts';
import type { Bundle } from '../src/codegen/bundle.ts';
import { emit } from '../src/codegen/emit.ts';
import { randomNetwork, randomVectors } from '../test/support/networks.ts';

/** What a POSIX shell's `times` says of the commands it ran, in its second line: user and system time. */
const CHILDREN = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

/** Runs a program; processor time, because the wall's depends on what else the machine does. */
export const timed = (
  command: string,
  args: readonly string[],
  cwd: string,
): { seconds: number; out: string } => {
  const script = '"$@" || exit 1; times';
  const shell = ['-c', script, 'sh', command, ...args];
  const { status, stdout, stderr } = spawnSync('sh', shell, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const times = CHILDREN.exec(stdout);
  if (status !== 0 || times === null) throw new Error(`${command}: ${stdout}${stderr}`);
  const [userMinutes, user, systemMinutes, system] = times.slice(1).map(Number);
  return {
    seconds: 60 * (userMinutes! + systemMinutes!) + user! + system!,
    out: `${stdout.trimEnd().split('\n').slice(0, -2).join('\n')}\n`,
  };
};

/** First line of what a program says its version is; undefined when it is not there. */
export const versionOf = (command: string): string | undefined => {
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0]! : undefined;
};

/** Images whose time is what a start costs. */
const FEW = 4;
/** The fastest of so many runs counts: other programs of the machine only slow one down. */
const RUNS = 5;

export interface EmittedRequest {
  readonly target: string;
  /** Sizes of the dense layers on 28 x 28 pixels. */
  readonly outputs: readonly number[];
  readonly folding: FoldingRequest;
  readonly images: number;
}

/** Emits a random net of 42 % zeros into a temporary folder, and removes it after `use`. */
export const withEmitted = <T>(request: EmittedRequest, use: (folder: string, bundle: Bundle) => T): T => {
  const recipe = { shape: [28, 28], inputBits: 7, actBits: 8, shift: 5, bias: false, zeros: 0.42 } as const;
  const network = randomNetwork({ ...recipe, outputs: request.outputs, alphabet: 'ternary' }, 1);
  const bundle = emit({
    network,
    plan: planFolded(network, request.folding),
    target: request.target,
    rom: 'readmemh',
    vectors: randomVectors(network, request.images, 1),
    toolVersion: '0.0.0-bench',
  });
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-bench-'));
  try {
    writeFolder(folder, bundle.files);
    return use(folder, bundle);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Compile time, size and images a second of a folder's testbench. */
export const measureProgram = (
  folder: string,
  compiler: string,
  args: readonly string[],
  images: number,
): { compileSeconds: number; megabytes: number; imagesPerSecond: number } => {
  const compile = timed(compiler, ['-o', 'program', ...args], folder).seconds;
  const megabytes = readFileSync(join(folder, 'program')).length / 1e6;
  const least = (count: number): number => {
    const runs = Array.from({ length: RUNS }, () => timed('./program', [String(count)], folder));
    if (!runs[0]!.out.endsWith('PASS\n')) throw new Error(runs[0]!.out);
    return Math.min(...runs.map(({ seconds }) => seconds));
  };
  return {
    compileSeconds: Number(compile.toFixed(2)),
    megabytes: Number(megabytes.toFixed(2)),
    imagesPerSecond: Math.round((images - FEW) / (least(images) - least(FEW))),
  };
};

/** Writes `bench/results/NAME.json`, and the tables into the page between its marks. */
export const writeResults = (
  name: string,
  rows: Readonly<Record<string, readonly object[]>>,
  tables: Readonly<Record<string, readonly string[]>>,
): void => {
  const tools = `Node ${process.version}, ${cpus()[0]!.model.trim()}`;
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(`bench/results/${name}.json`, `${JSON.stringify({ tools, ...rows }, null, 2)}\n`);
  let page = readFileSync(`docs/${name}.md`, 'utf8');
  for (const [mark, lines] of Object.entries(tables)) {
    const text = `${lines.join('\n')}\n\n${tools}`;
    console.log(text);
    page = page.replace(
      new RegExp(`(<!-- ${mark} -->\\n)[\\s\\S]*?(<!-- end -->)`),
      (_, open, close) => `${open}${text}\n${close}`,
    );
  }
  writeFileSync(`docs/${name}.md`, page);
};
