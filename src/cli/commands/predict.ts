// `bitsim predict`: what a net says to one picture.
import { ExitCode, UserError } from '../../util/errors.ts';
import { flag, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { nameOfRun } from '../run-folder.ts';

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  if (args.positional === undefined) {
    throw new UserError({
      subject: 'PICTURE',
      rule: 'be named: a PNG or PGM file, or idx:N for test image N',
      code: 'BITSIM_CLI_VALUE',
    });
  }
  const request = {
    picture: args.positional,
    run: text(args, 'model'),
    data: text(args, 'data'),
    invert: flag(args, 'invert'),
  };
  const { predictRun } = await import('../predict-run.ts');
  const { report, json, run: paths } = predictRun(request, context);
  context.terminal.print(`${report}\n`);
  printNext(context.terminal, [[`bitsim serve ${nameOfRun(paths)}`, 'draw digits for it']]);
  context.terminal.result(json);
  return ExitCode.ok;
};

export const predictCommand: CommandSpec = {
  name: 'predict',
  summary: 'says which class a net sees in one picture, and every logit.',
  examples: [
    ['predict idx:7', 'test image 7 of the latest run'],
    ['predict digit.png --model out/demo', 'a 28 x 28 PNG, bright on dark'],
    ['predict scan.pgm --invert --json', 'dark on bright'],
  ],
  positional: { name: 'PICTURE', describe: 'PNG or PGM file, or idx:N for test image N' },
  options: [
    { name: 'model', value: 'RUN', describe: 'run, or its network.json (default: the latest under out/)' },
    { name: 'data', value: 'DIR', describe: 'where idx:N comes from, other than the run was trained with' },
    { name: 'invert', describe: 'the picture is dark on bright' },
  ],
  run,
};
