// `bitsim inspect`: what the integers of a net do on real images.
import { ExitCode } from '../../util/errors.ts';
import { integer, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import type { ParsedArgs } from '../parse.ts';

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const request = {
    run: args.positional,
    data: text(args, 'data'),
    images: integer(args, 'images', { min: 1 }),
  };
  const [{ inspectRun }, { inspectionReport, suggestions }] = await Promise.all([
    import('../inspect-run.ts'),
    import('../../report/inspection.ts'),
  ]);
  const { paths, network, images, layers } = inspectRun(request, context);
  const { terminal } = context;
  terminal.print(inspectionReport(layers, images));
  terminal.result({
    command: 'inspect',
    run: paths.folder,
    network: network.name,
    images,
    layers,
    suggestions: suggestions(layers),
  });
  return ExitCode.ok;
};

export const inspectCommand: CommandSpec = {
  name: 'inspect',
  summary: 'shows what the integers of a run do on real images: ranges, widths, zeros.',
  examples: [
    ['inspect', 'the latest run, over all its test images'],
    ['inspect out/demo --images 500 --json', 'quicker, as one JSON object'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    { name: 'images', value: 'N', describe: 'the first N test images (default: all)' },
    { name: 'data', value: 'DIR', describe: 'other data than the run was trained with' },
  ],
  run,
};
