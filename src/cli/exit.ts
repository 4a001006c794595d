// How a failure leaves the process: a UserError as its message and its exit code; anything else is a bug of ours,
// with its stack, how to report it, and exit 70.
import { ExitCode, UserError } from '../util/errors.ts';

export interface Failure {
  readonly exitCode: number;
  /** Stable code, `BITSIM_BUG` for bugs. */
  readonly code: string;
  readonly message: string;
  /** What goes to stderr. */
  readonly text: string;
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? String(error)) : String(error);

const causes = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? '' : `\ncaused by: ${stackOf(cause)}`;
};

/** Describes `error`; `debug` adds the stack trace of a UserError. */
export const describeFailure = (error: unknown, debug: boolean, version: string): Failure => {
  if (error instanceof UserError) {
    const stack = debug ? `\n${stackOf(error)}${causes(error)}` : '';
    const text = `error: ${error.message} (${error.code})${stack}`;
    return { exitCode: error.exitCode, code: error.code, message: error.message, text };
  }
  const message = error instanceof Error ? error.message : String(error);
  const text = [
    `bug: ${message}`,
    `${stackOf(error)}${causes(error)}`,
    `This is a fault of bitsim ${version} (node ${process.version}), not yours. Please report it to the project with`,
    'these lines and the command you gave (CONTRIBUTING.md says where).',
  ].join('\n');
  return { exitCode: ExitCode.bug, code: 'BITSIM_BUG', message, text };
};
