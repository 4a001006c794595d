// `bitsim serve`: a page in which a run's network computes before one's eyes.
import { ExitCode } from '../../util/errors.ts';
import { integer, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';

const LOOPBACK = '127.0.0.1';

/** Until the reader interrupts; the interrupt's exit code is the command's. */
const forever = (): Promise<never> => new Promise(() => undefined);

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const port = integer(args, 'port', { min: 0, max: 65_535 }) ?? 0;
  const host = text(args, 'host') ?? LOOPBACK;
  const out = text(args, 'out');
  const { siteOf, siteServer, listen, writeSite } = await import('../serve-run.ts');
  const { terminal } = context;
  const { run: paths, network, site } = siteOf({ run: args.positional, data: text(args, 'data') }, context);
  const result = { command: 'serve', run: paths.folder, network: network.name };
  if (out !== undefined) {
    const files = writeSite(out, site);
    terminal.print(`written: ${out} (${files.length} files; any web server can host them)\n`);
    printNext(terminal, [[`python3 -m http.server --bind 127.0.0.1 --directory ${out}`]]);
    terminal.result({ ...result, folder: out, files });
    return ExitCode.ok;
  }
  const address = await listen(siteServer(site, host), port, host);
  if (host !== LOOPBACK && host !== 'localhost' && host !== '::1')
    terminal.warn(`whoever reaches this machine can see the page and the network at ${address}`);
  terminal.print(`open ${terminal.style('bold', address)} (Ctrl-C ends it)`);
  terminal.result({ ...result, address });
  return forever();
};

export const serveCommand: CommandSpec = {
  name: 'serve',
  summary: 'opens a page where the network computes before your eyes: draw, step, fold, read the Verilog.',
  examples: [
    ['serve', 'the latest run, on a free port of this machine alone'],
    ['serve out/demo --port 8080', 'on a port of your choice'],
    ['serve --out site', 'as files that any web server can host'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    { name: 'port', value: 'N', describe: 'port to listen on (default: a free one)' },
    { name: 'host', value: 'H', describe: 'address to listen on (default 127.0.0.1: this machine alone)' },
    { name: 'out', value: 'DIR', describe: 'write the page to a folder instead of serving it' },
    { name: 'data', value: 'DIR', describe: 'other data than the run was trained with' },
  ],
  run,
};
