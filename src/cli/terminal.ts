// Where the command line's words go. Results go to stdout, messages and progress to stderr; under --json stdout holds
// exactly one JSON object and nothing else. Colours only on terminals, never when NO_COLOR is set.
import { styleText } from 'node:util';
import { createProgress, type Progress } from '../report/progress.ts';

export type Style = Parameters<typeof styleText>[0];

export interface Terminal {
  readonly json: boolean;
  /** A result for people: stdout, nothing under --json. */
  print(text: string): void;
  /** A message: stderr. */
  note(text: string): void;
  /** Something the user should look at: stderr. */
  warn(text: string): void;
  /** The result for programs: the one JSON object, nothing without --json. Call once. */
  result(value: object): void;
  /** A progress line on stderr. */
  progress(label: string): Progress;
  /** `text` styled when results go to a terminal. */
  style(style: Style, text: string): string;
}

export interface TerminalStreams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

/** Whether `stream` takes colours: a terminal that is not dumb, and NO_COLOR unset or empty (no-color.org). */
export const takesColour = (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';

const painter = (on: boolean) => (style: Style, text: string) =>
  on ? styleText(style, text, { validateStream: false }) : text;

export const createTerminal = (json: boolean, { out, err, env }: TerminalStreams): Terminal => {
  const onOut = painter(takesColour(out, env));
  const onErr = painter(takesColour(err, env));
  let printed = false;
  return {
    json,
    print: (text) => {
      if (!json) out.write(`${text}\n`);
    },
    note: (text) => err.write(`${text}\n`),
    warn: (text) => err.write(`${onErr('yellow', 'warning:')} ${text}\n`),
    result: (value) => {
      if (printed) throw new Error('a command printed its result twice');
      printed = true;
      if (json) out.write(`${JSON.stringify(value)}\n`);
    },
    progress: (label) => createProgress(label, err),
    style: (style, text) => onOut(style, text),
  };
};
