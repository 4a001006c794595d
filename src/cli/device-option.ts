// --device as the part it names.
import { DEVICES, type Device, deviceNames } from '../synth/devices.ts';
import { UserError } from '../util/errors.ts';
import { nearestName } from './suggest.ts';

/** Throws UserError for parts that bitsim does not know. */
export const deviceOf = (name: string): Device => {
  const device = DEVICES.find((candidate) => candidate.name === name);
  if (device !== undefined) return device;
  const near = nearestName(name, deviceNames());
  throw new UserError({
    subject: '--device',
    rule: `be one of ${deviceNames().join(', ')}`,
    value: `"${name}"`,
    hint: near === undefined ? undefined : `did you mean ${near}?`,
    code: 'BITSIM_SYNTH_DEVICE',
  });
};
