// The two classes of failure. A UserError is the user's to mend (input, option, disk, missing tool) and prints
// without a stack trace; everything else that escapes is a bug of ours and exits 70.

/** Process exit codes; documented in docs/cli.md. */
export const ExitCode = {
  ok: 0,
  difference: 1,
  usage: 2,
  toolMissing: 3,
  bug: 70,
  interrupted: 130,
} as const;

export interface UserErrorParts {
  /** What the message is about, e.g. `layer dense1: PE`. */
  readonly subject: string;
  /** The rule that was broken, phrased to follow "must", e.g. `divide 64 outputs`. */
  readonly rule: string;
  /** What was found instead; printed as it is. */
  readonly value?: string | number | undefined;
  /** How to mend it. */
  readonly hint?: string | undefined;
  /** Stable code, `BITSIM_<AREA>_<RULE>`. */
  readonly code: string;
  readonly exitCode?: number | undefined;
  readonly cause?: unknown;
}

/** A mistake the user can mend: "*subject* must *rule*, not *value*; *hint*". */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: string;
  readonly exitCode: number;

  constructor(parts: UserErrorParts) {
    const got = parts.value === undefined ? '' : `, not ${parts.value}`;
    const hint = parts.hint === undefined ? '' : `; ${parts.hint}`;
    super(`${parts.subject} must ${parts.rule}${got}${hint}`, { cause: parts.cause });
    this.code = parts.code;
    this.exitCode = parts.exitCode ?? ExitCode.usage;
  }
}

/** A required external program is not installed (exit 3). */
export class ToolMissingError extends UserError {
  constructor(tool: string, purpose: string, install: string) {
    super({
      subject: `${tool} (${purpose})`,
      rule: 'be installed and on PATH',
      hint: install,
      code: 'BITSIM_TOOL_MISSING',
      exitCode: ExitCode.toolMissing,
    });
  }
}
