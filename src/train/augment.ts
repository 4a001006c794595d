// Augmentation: each training image is moved, turned, scaled and bent a little before it becomes input codes, in plain
// JavaScript, bytes to bytes. Pixels outside the image are 0. What an image becomes depends on the random stream alone.
import type { TrainOptions } from '../model/training.ts';
import type { Random } from '../util/random.ts';

export interface Shape {
  readonly height: number;
  readonly width: number;
}

/** Writes `pixels` moved by whole pixels (dx, dy), zero filled, to `target`. */
export const shiftImage = (
  pixels: Uint8Array,
  shape: Shape,
  move: { dx: number; dy: number },
  target: Uint8Array,
): void => {
  const { height, width } = shape;
  const [x0, x1] = [Math.max(0, move.dx), Math.min(width, width + move.dx)];
  target.fill(0);
  if (x0 >= x1) return;
  for (let y = Math.max(0, move.dy); y < Math.min(height, height + move.dy); y++) {
    const from = (y - move.dy) * width - move.dx;
    target.set(pixels.subarray(from + x0, from + x1), y * width + x0);
  }
};

/** Cells of the elastic field along each axis: displacements are drawn at its corners and interpolated between. */
const CELLS = 4;

/** Source position of target pixel (x, y): an affine map about the centre plus an interpolated random field. */
interface Warp {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  readonly dx: number;
  readonly dy: number;
  /** (CELLS + 1)^2 displacements along x, then as many along y, in pixels. */
  readonly field: Float32Array;
}

const FIELD = (CELLS + 1) * (CELLS + 1);

/** Uniform in [-reach, reach). */
const spread = (random: Random, reach: number): number => (random.unit() * 2 - 1) * reach;

const drawWarp = (options: TrainOptions, random: Random): Warp => {
  const angle = (spread(random, options.augmentRotate) * Math.PI) / 180;
  const [sx, sy] = [
    1 / (1 + spread(random, options.augmentScale)),
    1 / (1 + spread(random, options.augmentScale)),
  ];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = options.augmentShift;
  const [dx, dy] = [spread(random, reach), spread(random, reach)];
  const field = new Float32Array(2 * FIELD);
  for (let i = 0; i < field.length; i++) field[i] = spread(random, options.augmentElastic);
  return { xx: cos * sx, xy: -sin * sx, yx: sin * sy, yy: cos * sy, dx, dy, field };
};

/** Value at a real position, interpolated between the four pixels around it; 0 outside. */
const sample = (pixels: Uint8Array, { height, width }: Shape, x: number, y: number): number => {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) return 0;
  const [fx, fy] = [x - x0, y - y0];
  const at = (px: number, py: number): number =>
    px < 0 || py < 0 || px >= width || py >= height ? 0 : pixels[py * width + px]!;
  const top = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx;
  const bottom = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx;
  return top * (1 - fy) + bottom * fy;
};

/** Displacement at cell coordinates (u, v), bilinear between the corners of its cell. */
const displacement = (field: Float32Array, base: number, u: number, v: number): number => {
  const [cu, cv] = [Math.min(CELLS - 1, Math.floor(u)), Math.min(CELLS - 1, Math.floor(v))];
  const [fu, fv] = [u - cu, v - cv];
  const at = base + cv * (CELLS + 1) + cu;
  const top = field[at]! * (1 - fu) + field[at + 1]! * fu;
  const bottom = field[at + CELLS + 1]! * (1 - fu) + field[at + CELLS + 2]! * fu;
  return top * (1 - fv) + bottom * fv;
};

const warpImage = (pixels: Uint8Array, shape: Shape, warp: Warp, target: Uint8Array): void => {
  const { height, width } = shape;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  let to = 0;
  for (let y = 0; y < height; y++) {
    const v = (y / height) * CELLS;
    for (let x = 0; x < width; x++) {
      const u = (x / width) * CELLS;
      const sx = cx + warp.xx * (x - cx) + warp.xy * (y - cy) + warp.dx + displacement(warp.field, 0, u, v);
      const sy =
        cy + warp.yx * (x - cx) + warp.yy * (y - cy) + warp.dy + displacement(warp.field, FIELD, u, v);
      target[to++] = Math.round(sample(pixels, shape, sx, sy));
    }
  }
};

/** Writes one image, augmented as `options` say, to `target`: bytes in, bytes out. */
export const augment = (
  pixels: Uint8Array,
  shape: Shape,
  options: TrainOptions,
  random: Random,
  target: Uint8Array,
): void => {
  if (options.augmentRotate > 0 || options.augmentScale > 0 || options.augmentElastic > 0) {
    warpImage(pixels, shape, drawWarp(options, random), target);
    return;
  }
  const reach = options.augmentShift;
  const draw = (): number => (reach === 0 ? 0 : random.below(2 * reach + 1) - reach);
  shiftImage(pixels, shape, { dx: draw(), dy: draw() }, target);
};
