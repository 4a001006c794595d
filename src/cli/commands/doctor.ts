// `bitsim doctor`: what is installed, what each thing enables, how to get what is missing.
import { ExitCode } from '../../util/errors.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';

const run = async (_: ParsedArgs, { terminal }: Context): Promise<number> => {
  const [{ diagnose }, { doctorReport }] = await Promise.all([
    import('../doctor-run.ts'),
    import('../../report/doctor.ts'),
  ]);
  const diagnosis = await diagnose();
  terminal.print(`${doctorReport(diagnosis)}\n`);
  printNext(terminal, [['bitsim demo', 'the whole way, with what is there']]);
  terminal.result({ command: 'doctor', ...diagnosis });
  return ExitCode.ok;
};

export const doctorCommand: CommandSpec = {
  name: 'doctor',
  summary: 'says which tools are there, in which version, what each enables and how to get the missing.',
  examples: [
    ['doctor', 'look around'],
    ['doctor --json', 'the same for programs'],
  ],
  options: [],
  run,
};
