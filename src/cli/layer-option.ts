// `--layer`: a dense layer by name or number.
import { denseLayers, type Network } from '../model/network.ts';
import { UserError } from '../util/errors.ts';
import { nearestName } from './suggest.ts';

/** Index of the dense layer that `wanted` names. */
export const layerIndex = (network: Network, wanted: string): number => {
  const names = denseLayers(network).map(({ name }) => name);
  const index = names.includes(wanted) ? names.indexOf(wanted) : Number(wanted);
  if (wanted !== '' && names[index] !== undefined) return index;
  const near = nearestName(wanted, names);
  throw new UserError({
    subject: '--layer',
    rule: `be one of ${names.join(', ')}, or a number from 0`,
    value: `"${wanted}"`,
    hint: near === undefined ? undefined : `did you mean ${near}?`,
    code: 'BITSIM_CLI_VALUE',
  });
};
