// Every Network passes through here, whether read from disk or just built: rules inside each layer and between
// neighbours. A Network that this file returns can be simulated and emitted.
import type { Layer, Network } from '../model/network.ts';
import { parseNetworkStructure } from '../model/network-file.ts';
import { bitLength, formatName, type NumberFormat, sameFormat } from '../num/format.ts';
import { UserError } from '../util/errors.ts';
import { readFileWhole } from '../util/files.ts';
import { kindOf } from './index.ts';
import { codeShape, windowMax } from './input.ts';

const fail = (subject: string, rule: string, value: string | number, code: string): never => {
  throw new UserError({
    subject,
    rule,
    value,
    code: `BITSIM_NETWORK_${code}`,
    hint: 'docs/ir.md describes every field',
  });
};

const checkInput = ({ input }: Network): void => {
  const { shape, pixel, crop, pool, code, shift } = input;
  const [top, left, height, width] = crop;
  if (pixel.signed || pixel.bits !== 8) fail('input.pixel', 'be u8', formatName(pixel), 'PIXEL');
  if (top + height > shape[0] || left + width > shape[1]) {
    fail('input.crop', `lie within the ${shape[0]} x ${shape[1]} image`, crop.join(', '), 'CROP');
  }
  if (height % pool[0] !== 0 || width % pool[1] !== 0) {
    fail('input.pool', `divide the ${height} x ${width} crop`, pool.join(' x '), 'POOL');
  }
  const largest = windowMax(input) >> shift;
  if (code.signed || code.bits !== Math.max(1, bitLength(largest))) {
    const needed = `u${Math.max(1, bitLength(largest))}`;
    fail('input.code', `be ${needed}, what window sums >> ${shift} need`, formatName(code), 'CODE');
  }
};

const checkChain = (layers: readonly Layer[], first: { count: number; format: NumberFormat }): void => {
  let { count, format } = first;
  for (const [index, layer] of layers.entries()) {
    const kind = kindOf(layer);
    const where = `layer ${layer.name}`;
    if (kind.inputs(layer) !== count)
      fail(`${where}: inputs`, `be ${count}, what comes before it`, kind.inputs(layer), 'CHAIN');
    if (!sameFormat(kind.inputFormat(layer), format)) {
      fail(
        `${where}: input`,
        `be ${formatName(format)}, what comes before it`,
        formatName(kind.inputFormat(layer)),
        'CHAIN',
      );
    }
    kind.validate(layer, where, layers[index + 1]?.kind !== 'dense');
    count = kind.outputs(layer);
    format = kind.outputFormat(layer);
  }
};

const checkOrder = ({ layers, classes }: Network): void => {
  const names = layers.map((layer) => layer.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) fail('layer names', 'differ from each other', `two of ${twice}`, 'NAMES');
  const kinds = layers.map((layer) => layer.kind);
  if (
    kinds.at(-1) !== 'argmax' ||
    kinds.lastIndexOf('dense') !== kinds.length - 2 ||
    kinds.indexOf('argmax') !== kinds.length - 1
  ) {
    fail('layers', 'be one or more dense, then one argmax', kinds.join(', '), 'ORDER');
  }
  const logits = kindOf(layers.at(-1)!).inputs(layers.at(-1)!);
  if (classes.length !== logits)
    fail('classes', `have one name for each of ${logits} logits`, classes.length, 'CLASSES');
};

/** Returns `network` when it obeys every rule of docs/ir.md; throws UserError naming the first broken one. */
export const validateNetwork = (network: Network): Network => {
  checkInput(network);
  checkOrder(network);
  const [height, width] = codeShape(network.input);
  checkChain(network.layers, { count: height * width, format: network.input.code });
  return network;
};

/** Parses and validates the text of a network file. `source` names it in errors. */
export const parseNetwork = (text: string, source = 'network.json'): Network =>
  validateNetwork(parseNetworkStructure(text, source));

/** Reads, parses and validates a network file. */
export const readNetwork = (path: string): Network =>
  parseNetwork(readFileWhole(path, 'network file').toString('utf8'), path);
