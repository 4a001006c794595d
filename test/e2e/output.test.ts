// What every verb prints: 80 columns, no colours but on a terminal, one JSON object under --json, words on stderr.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { writeIdxFolder } from '../support/idx.ts';
import { bitsim, MAIN, start, workspace } from './bitsim.ts';

const cwd = workspace();
const TRAIN = 'train --data data --hidden 12,12 --epochs 2 --batch 32 --force --out out/net';

/** A call of every verb that finishes; serve and synth with what needs no server and no tool. */
const CALLS: Readonly<Record<string, string>> = {
  train: TRAIN,
  verify: 'verify out/net --rtl none',
  eval: 'eval out/net',
  predict: 'predict idx:0 --model out/net',
  inspect: 'inspect out/net',
  trace: 'trace out/net --image 1',
  faults: 'faults out/net --images 20 --trials 2',
  plan: 'plan out/net --device up5k',
  emit: 'emit out/net --target verilog',
  report: 'report out/net',
  serve: 'serve out/net --out site',
  doctor: 'doctor',
  completion: 'completion bash',
};
/** Covered where their tools are: test/e2e/demo.test.ts, test/e2e/synth.test.ts. */
const ELSEWHERE = ['demo', 'synth'];

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'));
  expect((await bitsim({ cwd }, ...TRAIN.split(' '))).code).toBe(0);
});

test('every verb is here', () => {
  expect([...Object.keys(CALLS), ...ELSEWHERE].sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

/** Lines that a person reads; commands to copy and paths of files are as long as they are. */
const prose = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !/^(next: |written: | {5,}\S*(node|make|npx|bitsim|python3) | {9}\S+\/)/.test(line));

describe.each(Object.entries(CALLS))('%s', (verb, call) => {
  test('fits 80 columns, without colours, and says its run on stderr', async () => {
    const { code, stdout, stderr } = await bitsim({ cwd }, ...call.split(' '));
    expect(code).toBe(0);
    if (verb !== 'completion')
      expect(
        prose(`${stdout}\n${stderr}`)
          .filter((line) => line.length > 80)
          .join('\n'),
      ).toBe('');
    expect(stdout + stderr).not.toContain('\x1b');
    if (!['doctor', 'completion'].includes(verb)) expect(stderr).toMatch(/out\/net|data/);
  });

  test('--json: one object on stdout and nothing else', async () => {
    const { code, stdout } = await bitsim({ cwd }, ...call.split(' '), '--json');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ command: verb });
  });
});

// select graphic rendition, as ANSI terminals take it; a pattern may not name the control character itself
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);

// util-linux's script, which every Debian has, gives a command a terminal; other systems' takes other options
describe.skipIf(process.platform !== 'linux')('on a terminal', () => {
  const onTerminal = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const command = `stty cols 80; '${process.execPath}' '${MAIN}' ${TRAIN}`;
    const { code, stdout } = await start('script', ['-qec', command, '/dev/null'], {
      cwd,
      env: { TERM: 'xterm', ...env },
    }).finished;
    expect(code).toBe(0);
    return stdout;
  };

  test('colours, and a progress line that is drawn again in place', async () => {
    const text = await onTerminal({});
    expect(text).toContain('\x1b[1m');
    expect(text).toMatch(/\rtrain \[#/);
  });

  test('NO_COLOR: none', async () => {
    expect(await onTerminal({ NO_COLOR: '1' })).not.toMatch(COLOUR);
  });
});
