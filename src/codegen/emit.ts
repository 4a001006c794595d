// Emission: a pure function of network, plan, vectors and options to a map of path to text. Same input, same bytes:
// no dates, no absolute paths, no random names. The command line writes the result.
import { createHash } from 'node:crypto';
import { printNetwork } from '../model/network-file.ts';
import { UserError } from '../util/errors.ts';
import {
  type Bundle,
  EMISSION_FORMAT,
  EMISSION_VERSION,
  type EmissionManifest,
  type EmitRequest,
} from './bundle.ts';
import { c } from './targets/c/index.ts';
import { hls } from './targets/hls/index.ts';
import type { Target, TargetOutput, TargetRequest } from './targets/target.ts';
import { verilog } from './targets/verilog/index.ts';

const TARGETS: Readonly<Record<string, Target>> = { verilog, hls, c };

/** Names that `emit --target` takes. */
export const targetNames = (): string[] => Object.keys(TARGETS);

/** Names that `emit --flow` takes, target by target. */
export const flowNames = (): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(Object.entries(TARGETS).map(([name, { flows }]) => [name, flows]));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The target of that name. Throws UserError when there is none. */
export const targetOf = (name: string): Target => {
  const target = Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined;
  if (target !== undefined) return target;
  throw new UserError({
    subject: '--target',
    rule: `be one of ${targetNames().join(', ')}`,
    value: name,
    code: 'BITSIM_EMIT_TARGET',
  });
};

const refuseFlow = (name: string, target: string, flows: readonly string[]): UserError =>
  new UserError({
    subject: '--flow',
    rule:
      flows.length === 0
        ? `be left out with --target ${target}`
        : `be all, or some of ${flows.join(', ')} with --target ${target}`,
    value: name,
    code: 'BITSIM_EMIT_FLOW',
  });

/** The flows that are asked for, in the target's order. Throws UserError for one that the target does not have. */
const flowsOf = ({ target: name, flows: asked }: EmitRequest, target: Target): readonly string[] => {
  if (asked === undefined) return target.defaultFlows;
  const foreign = asked.find((flow) => flow !== 'all' && !target.flows.includes(flow));
  if (foreign !== undefined || target.flows.length === 0)
    throw refuseFlow(foreign ?? asked.join(','), name, target.flows);
  return asked.includes('all') ? target.flows : target.flows.filter((flow) => asked.includes(flow));
};

const manifestOf = (
  request: TargetRequest,
  output: TargetOutput,
  digests: [string, string][],
): EmissionManifest => ({
  format: EMISSION_FORMAT,
  version: EMISSION_VERSION,
  tool: `bitsim ${request.toolVersion}`,
  target: request.target,
  network: { name: request.network.name, sha256: sha256(printNetwork(request.network)) },
  options: { rom: request.rom, flows: request.flows },
  top: output.top,
  plan: request.plan,
  roms: output.roms,
  vectors: {
    images: request.vectors.map((vector) => vector.image),
    labels: request.vectors.map((vector) => vector.label),
    files: output.vectors,
  },
  files: Object.fromEntries(digests),
});

/** Emits `asked.network` for `asked.target`. Throws UserError for an unknown target or flow, or no vectors. */
export const emit = (asked: EmitRequest): Bundle => {
  const target = targetOf(asked.target);
  const request = { ...asked, flows: flowsOf(asked, target) };
  if (request.vectors.length === 0) {
    throw new UserError({
      subject: 'golden vectors',
      rule: 'hold at least one image',
      value: 0,
      hint: 'a testbench that compares nothing proves nothing',
      code: 'BITSIM_EMIT_VECTORS',
    });
  }
  const output = target.emit(request);
  const files = [...output.files].sort(([a], [b]) => (a < b ? -1 : 1));
  const digests = files.map(([path, text]): [string, string] => [path, sha256(text)]);
  const sums = digests.map(([path, digest]) => `${digest}  ${path}\n`).join('');
  const manifest = manifestOf(request, output, digests);
  const all = new Map([
    ...files,
    ['SHA256SUMS', sums],
    ['manifest.json', `${JSON.stringify(manifest, null, 2)}\n`],
  ]);
  return { files: all, program: output.program, manifest };
};
