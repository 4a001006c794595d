// The registry of layer kinds. Adding a kind means adding a folder and a line here.
import type { Layer } from '../model/network.ts';
import { argmax } from './argmax/index.ts';
import { dense } from './dense/index.ts';
import type { LayerKind } from './kind.ts';

const KINDS = { dense, argmax } as const;

export const kindOf = <L extends Layer>(layer: L): LayerKind<L> =>
  KINDS[layer.kind] as unknown as LayerKind<L>;
