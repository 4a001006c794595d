// Every Network passes through here, whether read from disk or just built: rules inside each layer and between
// neighbours. A Network that this file returns can be simulated and emitted.
import type { Layer, Network } from '../model/network.ts';
import { parseNetworkStructure } from '../model/network-file.ts';
import { formatName, maxOf, type NumberFormat, sameFormat } from '../num/format.ts';
import { UserError } from '../util/errors.ts';
import { readFileWhole } from '../util/files.ts';
import { kindOf } from './index.ts';

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
  const { pixel, code, shift } = input;
  if (pixel.signed || pixel.bits !== 8) fail('input.pixel', 'be u8', formatName(pixel), 'PIXEL');
  if (code.signed || maxOf(code) !== maxOf(pixel) >> shift) {
    fail('input.code', `be u${8 - shift}, what pixel >> ${shift} needs`, formatName(code), 'CODE');
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
  const [height, width] = network.input.shape;
  checkInput(network);
  checkOrder(network);
  checkChain(network.layers, { count: height * width, format: network.input.code });
  return network;
};

/** Parses and validates the text of a network file. `source` names it in errors. */
export const parseNetwork = (text: string, source = 'network.json'): Network =>
  validateNetwork(parseNetworkStructure(text, source));

/** Reads, parses and validates a network file. */
export const readNetwork = (path: string): Network =>
  parseNetwork(readFileWhole(path, 'network file').toString('utf8'), path);
