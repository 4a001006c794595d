// --config FILE: training options from a JSON file, by the names they have in run manifests; a whole run manifest is
// taken too, so that a run can be repeated from its own record. Unknown names are refused.
import { type TrainOptions, trainOptionsSchema } from '../model/train-options.ts';
import { UserError } from '../util/errors.ts';
import { readFileWhole } from '../util/files.ts';

const refuse = (path: string, rule: string, value: string): never => {
  throw new UserError({
    subject: `--config ${path}`,
    rule,
    value,
    hint: 'for example { "hidden": [64], "epochs": 20 }',
    code: 'BITSIM_TRAIN_CONFIG',
  });
};

const parse = (path: string): unknown => {
  try {
    return JSON.parse(readFileWhole(path, 'configuration').toString('utf8'));
  } catch (error) {
    if (error instanceof UserError) throw error;
    return refuse(path, 'be JSON', (error as Error).message);
  }
};

/** Options in a run manifest stand under `options`. */
const optionsIn = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('format' in value)) return value;
  return 'options' in value ? value.options : value;
};

/** Reads a configuration file. Ranges are checked later, with the options of the command line. */
export const readTrainConfig = (path: string): Partial<TrainOptions> => {
  const parsed = trainOptionsSchema.partial().safeParse(optionsIn(parse(path)));
  if (parsed.success) {
    return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  }
  const issue = parsed.error.issues[0]!;
  return refuse(
    path,
    'hold training options',
    [issue.path.join('.'), issue.message].filter((t) => t !== '').join(': '),
  );
};
