// `bitsim inspect`: what the integers of a net do on real images.
import { ExitCode } from '../../util/errors.ts';
import { flag, integer, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { nameOfRun } from '../run-folder.ts';

/** `--apply`: the narrowed net, written when it is equal to the old one. */
const apply = async (args: ParsedArgs, context: Context): Promise<number> => {
  const { narrowRun } = await import('../narrow-run.ts');
  const { terminal } = context;
  const result = await narrowRun(
    {
      run: args.positional,
      data: text(args, 'data'),
      images: integer(args, 'images', { min: 1 }),
      out: text(args, 'out'),
      force: flag(args, 'force'),
    },
    context,
  );
  terminal.print(result.report);
  terminal.result(result.json);
  return result.equal ? ExitCode.ok : ExitCode.difference;
};

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  if (flag(args, 'apply')) return apply(args, context);
  const request = {
    run: args.positional,
    data: text(args, 'data'),
    images: integer(args, 'images', { min: 1 }),
  };
  const [{ inspectRun }, { couldBeNarrower, inspectionReport, suggestions }] = await Promise.all([
    import('../inspect-run.ts'),
    import('../../report/inspection.ts'),
  ]);
  const { paths, network, images, layers } = inspectRun(request, context);
  const { terminal } = context;
  terminal.print(`${inspectionReport(layers, images)}\n`);
  const named = nameOfRun(paths);
  printNext(terminal, [
    couldBeNarrower(layers)
      ? [`bitsim inspect ${named} --apply --out ${paths.folder}-narrow`, 'as narrow as is proven']
      : [`bitsim report ${named}`, 'the same with histograms'],
  ]);
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
    ['inspect out/demo --apply --out out/narrow', 'the same net in fewer bits, proven equal on its images'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    { name: 'images', value: 'N', describe: 'the first N test images (default: all)' },
    { name: 'data', value: 'DIR', describe: 'other data than the run was trained with' },
    {
      name: 'apply',
      describe:
        'write the net with codes as narrow as the training images allow and accumulators as narrow as is then proven, if every image gives the same',
    },
    { name: 'out', value: 'RUN', describe: 'folder for it' },
    { name: 'force', describe: 'replace the net that --out holds' },
  ],
  run,
};
