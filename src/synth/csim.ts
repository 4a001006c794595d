// Builds and runs a testbench that is a program (HLS C++, C99) with a plain compiler. Warnings fail the build.
import { join } from 'node:path';
import { makeFolder } from '../util/files.ts';
import { type CountsPerImage, parseTestbench, SILENT, type TestbenchReport } from './report.ts';
import { run } from './run.ts';
import { requireTool } from './tools.ts';

/** Compilers of each language, the one that is used unasked first. */
export const COMPILERS = { 'c++': ['g++', 'clang++'], c: ['gcc', 'clang'] } as const;
export type Language = keyof typeof COMPILERS;
export type Compiler = (typeof COMPILERS)[Language][number];

export interface CsimRequest {
  readonly language: Language;
  /** Default: the first of the language's. */
  readonly compiler?: Compiler | undefined;
  /** Files of the folder that are compiled. */
  readonly sources: readonly string[];
  /** First N images of the vector files. */
  readonly images: number;
  readonly perImage?: CountsPerImage | undefined;
  /** Further compiler flags, e.g. sanitizers. */
  readonly flags?: readonly string[] | undefined;
}

export interface CsimReport extends TestbenchReport {
  readonly compiler: Compiler;
  readonly version: string;
  readonly buildSeconds: number;
  readonly seconds: number;
}

const WARNINGS = ['-Wall', '-Wextra', '-Wconversion', '-Werror'];
/** As in the emitted Makefiles. */
const FLAGS: Readonly<Record<Language, readonly string[]>> = {
  'c++': [
    '-std=c++14',
    '-O2',
    ...WARNINGS,
    '-Wno-unknown-pragmas',
    '-DBITSIM_TAPS',
    '-Iinclude',
    '-Isrc',
    '-Ishim',
  ],
  c: ['-std=c99', '-O2', ...WARNINGS, '-pedantic'],
};

/** Builds in `folder` and runs there. Throws ToolMissingError without the compiler. */
export const simulateProgram = async (
  folder: string,
  { language, compiler = COMPILERS[language][0], sources, images, perImage, flags = [] }: CsimRequest,
): Promise<CsimReport> => {
  const { path, version } = await requireTool(compiler);
  makeFolder(join(folder, 'build'));
  const program = join('build', `csim-${compiler}`);
  const built = await run(path, [...FLAGS[language], ...flags, '-o', program, ...sources], { cwd: folder });
  const problem = `${built.stdout}${built.stderr}`.trim();
  const failed = (reason: string): CsimReport => ({
    ...parseTestbench('', images),
    passed: false,
    reason,
    compiler,
    version,
    buildSeconds: built.seconds,
    seconds: 0,
  });
  if (built.code !== 0 || problem !== '') return failed(`the build failed: ${problem || built.code}`);
  const result = await run(`./${program}`, [String(images)], { cwd: folder });
  const report = parseTestbench(result.stdout, images, perImage);
  const status = result.code === 0 ? null : `it ended with ${result.signal ?? `exit code ${result.code}`}`;
  const said = result.stderr.trim();
  const reason = report.reason === SILENT && said !== '' ? said : (report.reason ?? status ?? (said || null));
  return {
    ...report,
    passed: reason === null,
    reason,
    compiler,
    version,
    buildSeconds: built.seconds,
    seconds: result.seconds,
  };
};
