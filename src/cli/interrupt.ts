// Ctrl-C and SIGTERM: say how to go on, undo what is temporary, leave with 130 or 143. Temporary folders are removed
// however the process ends, short of kill -9.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode } from '../util/errors.ts';

export interface Interrupts {
  /** Sets the line that is printed on an interruption, e.g. how to resume; replaces the one before. */
  advise(line: () => string): void;
  /** A new folder that is removed when the process ends. */
  temporaryFolder(purpose: string): string;
}

const SIGNALS = { SIGINT: ExitCode.interrupted, SIGTERM: 143 } as const;

/** Installs the handlers; one per process. */
export const installInterrupts = (write: (text: string) => void): Interrupts => {
  let advice = (): string => 'nothing was written';
  const folders: string[] = [];
  const clean = (): void => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', clean);
  let interrupted = false;
  for (const [signal, exitCode] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (!interrupted) write(`\ninterrupted: ${advice()}\n`);
      interrupted = true;
      process.exit(exitCode);
    });
  }
  return {
    advise: (line) => {
      advice = line;
    },
    temporaryFolder: (purpose) => {
      const folder = mkdtempSync(join(tmpdir(), `bitsim-${purpose}-`));
      folders.push(folder);
      return folder;
    },
  };
};
