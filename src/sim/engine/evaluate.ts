// The engine over a whole set, in parts that keep memory small: what the command line uses wherever many images are
// evaluated and every code is looked at.
import type { LabelledImages } from '../../model/dataset.ts';
import { denseLayers, type Network } from '../../model/network.ts';
import { compileEngine, type Engine, type EngineOptions } from './engine.ts';
import { activityOf } from './order.ts';

/** One image's outputs: the codes of every dense layer (logits last), and the class. */
export interface EngineImage {
  readonly layers: readonly { readonly layer: string; readonly codes: ArrayLike<number> }[];
  readonly class: number;
}

/** Images evaluated at once. */
const PART = 1024;

/** An engine whose blocks are ordered for images like these. */
export const engineFor = (network: Network, images: LabelledImages, options: EngineOptions = {}): Engine =>
  compileEngine(network, { activity: activityOf(network, images.pixels, images.count), ...options });

/** Evaluates the first `count` images in order, every code of every layer. */
export const evaluateImages = (
  engine: Engine,
  images: LabelledImages,
  count: number,
  onImage: (index: number, image: EngineImage) => void,
): void => {
  const size = images.height * images.width;
  const names = denseLayers(engine.network).map(({ name }) => name);
  for (let start = 0; start < count; start += PART) {
    const part = Math.min(PART, count - start);
    const { classes, logits, codes } = engine.run(
      images.pixels.subarray(start * size, (start + part) * size),
      part,
      'codes',
    );
    const outputs = [...codes, logits];
    for (let i = 0; i < part; i++) {
      const layers = outputs.map((values, layer) => {
        const width = values.length / part;
        return { layer: names[layer]!, codes: values.subarray(i * width, (i + 1) * width) };
      });
      onImage(start + i, { layers, class: classes[i]! });
    }
  }
};

/** Class of each image. */
export const classesOf = (engine: Engine, images: LabelledImages): Uint16Array =>
  engine.run(images.pixels, images.count).classes;
