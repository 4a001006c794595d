// A program that an npm package of YoWASP's holds as WebAssembly, as a program: arguments, files and exit code as the real one's. It
// runs in a process of its own, so that it can be stopped; it sees the files under its working folder, and writes there.
//   node yowasp-main.js PACKAGE COMMAND ARGUMENTS...
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Tree {
  [name: string]: Uint8Array | string | Tree;
}

interface Package {
  readonly commands: Readonly<
    Record<string, (args: readonly string[], files: Tree) => Promise<Tree | undefined>>
  >;
}

const read = (folder: string): Tree =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return [entry.name, entry.isDirectory() ? read(path) : new Uint8Array(readFileSync(path))];
    }),
  );

const isFile = (item: Tree[string]): item is Uint8Array | string =>
  typeof item === 'string' || item instanceof Uint8Array;

/** Writes what is new or changed. */
const write = (folder: string, tree: Tree, before: Tree): void => {
  for (const [name, item] of Object.entries(tree)) {
    const path = join(folder, name);
    const old = before[name];
    if (!isFile(item)) write(path, item, old === undefined || isFile(old) ? {} : old);
    else if (!(old instanceof Uint8Array) || Buffer.compare(Buffer.from(old), Buffer.from(item)) !== 0) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, item);
    }
  }
};

/** Asked for its version or its usage, a program needs no files. */
const QUESTIONS = ['-V', '-h', '--version'];

const main = async ([name, command, ...args]: readonly string[]): Promise<number> => {
  const { commands } = (await import(name!)) as Package;
  const before = args.some((arg) => QUESTIONS.includes(arg)) ? {} : read('.');
  try {
    const { tmp: _, ...after } = (await commands[command!]!(args, before)) ?? {};
    write('.', after, before);
    return 0;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'number') throw error;
    return code;
  }
};

process.exitCode = await main(process.argv.slice(2));
