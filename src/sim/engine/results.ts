// What both ways of evaluating share: the arrays that results go to, and the check of what comes in.
import { pixelCount } from '../../layers/input.ts';
import { denseLayers, type Network, outputsOf } from '../../model/network.ts';
import type { Detail, EngineResult } from './engine.ts';

/** Empty results of `count` images, as much as `detail` asks for. */
export const allocate = (network: Network, count: number, detail: Detail): EngineResult => {
  const layers = denseLayers(network);
  return {
    classes: new Uint16Array(0),
    logits: new Int32Array(count * network.classes.length),
    codes: detail === 'logits' ? [] : layers.slice(0, -1).map((l) => new Uint8Array(count * outputsOf(l))),
    accumulators: detail === 'accumulators' ? layers.map((l) => new Int32Array(count * outputsOf(l))) : [],
  };
};

/** Pixels of other images would be read as if they were of this size. */
export const checkPixels = (network: Network, pixels: Uint8Array, count: number): void => {
  const size = pixelCount(network.input);
  if (pixels.length === size * count) return;
  throw new RangeError(
    `${count} images of ${network.name} have ${size * count} pixels, not ${pixels.length}`,
  );
};
