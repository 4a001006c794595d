// The verbs, in the order of the help.
import type { CommandSpec } from '../command.ts';
import { completionCommand } from './completion.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { emitCommand } from './emit.ts';
import { evalCommand } from './eval.ts';
import { faultsCommand } from './faults.ts';
import { inspectCommand } from './inspect.ts';
import { planCommand } from './plan.ts';
import { predictCommand } from './predict.ts';
import { reportCommand } from './report.ts';
import { serveCommand } from './serve.ts';
import { synthCommand } from './synth.ts';
import { traceCommand } from './trace.ts';
import { trainCommand } from './train.ts';
import { verifyCommand } from './verify.ts';

export const COMMANDS: readonly CommandSpec[] = [
  demoCommand,
  trainCommand,
  evalCommand,
  predictCommand,
  inspectCommand,
  verifyCommand,
  planCommand,
  emitCommand,
  synthCommand,
  traceCommand,
  faultsCommand,
  reportCommand,
  serveCommand,
  doctorCommand,
  completionCommand,
];
