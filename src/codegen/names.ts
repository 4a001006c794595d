// Names of layers and networks as Verilog identifiers: stable, readable, free of keywords, and checked to stay distinct.
import { UserError } from '../util/errors.ts';

/** `mnist-784` to `mnist_784`. Callers add a prefix or suffix, which keeps it apart from every keyword. */
export const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_').toLowerCase();

/** Refuses names that become the same identifier. */
export const checkDistinct = (names: readonly string[]): void => {
  const ids = names.map(identifier);
  const at = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (at < 0) return;
  throw new UserError({
    subject: 'layer names',
    rule: 'stay distinct as identifiers',
    value: `two that become ${ids[at]}`,
    code: 'BITSIM_EMIT_NAMES',
  });
};

/** `[bits-1:0]` */
export const rangeOf = (bits: number): string => `[${bits - 1}:0]`;

/** Address bits of `words` words, at least 1. */
export const addressBits = (words: number): number => Math.max(1, Math.ceil(Math.log2(words)));
