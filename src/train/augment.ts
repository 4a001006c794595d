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

/** What warping needs of an image size; made once, and scratch space with it. */
interface Grid {
  readonly height: number;
  readonly width: number;
  /** Cell of each column, and how far into it. */
  readonly cell: Uint8Array;
  readonly inCell: Float64Array;
  /** The image with a border of one dark pixel, so that no neighbour of a pixel needs a check. */
  readonly padded: Uint8Array;
  /** Displacements of one row at the corners of its cells: along x, then along y. */
  readonly corners: Float64Array;
}

let grid: Grid | undefined;

const gridOf = ({ height, width }: Shape): Grid => {
  if (grid?.height === height && grid.width === width) return grid;
  const at = Float64Array.from({ length: width }, (_, x) => (x / width) * CELLS);
  const cell = Uint8Array.from(at, Math.floor);
  grid = {
    height,
    width,
    cell,
    inCell: at.map((u, x) => u - cell[x]!),
    padded: new Uint8Array((height + 2) * (width + 2)),
    corners: new Float64Array(2 * (CELLS + 1)),
  };
  return grid;
};

const pad = (pixels: Uint8Array, { height, width, padded }: Grid): void => {
  for (let y = 0; y < height; y++)
    padded.set(pixels.subarray(y * width, (y + 1) * width), (y + 1) * (width + 2) + 1);
};

/** Displacements of row `y` at the corners of its cells, between the field's corners above and below. */
const interpolateRow = (field: Float32Array, y: number, { height, corners }: Grid): void => {
  const v = (y / height) * CELLS;
  const above = Math.floor(v);
  const part = v - above;
  for (let c = 0; c <= CELLS; c++) {
    for (let axis = 0; axis < 2; axis++) {
      const at = axis * FIELD + above * (CELLS + 1) + c;
      corners[axis * (CELLS + 1) + c] = field[at]! * (1 - part) + field[at + CELLS + 1]! * part;
    }
  }
};

/** Value at a real position, interpolated between the four pixels around it; 0 outside. */
const sample = ({ height, width, padded }: Grid, x: number, y: number): number => {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) return 0;
  const at = (y0 + 1) * (width + 2) + x0 + 1;
  const a = padded[at]!;
  const b = padded[at + 1]!;
  const c = padded[at + width + 2]!;
  const d = padded[at + width + 3]!;
  if ((a | b | c | d) === 0) return 0;
  const fx = x - x0;
  const fy = y - y0;
  return Math.round((a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy);
};

const warpImage = (pixels: Uint8Array, shape: Shape, warp: Warp, target: Uint8Array): void => {
  const sized = gridOf(shape);
  const { height, width, cell, inCell, corners } = sized;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  pad(pixels, sized);
  let to = 0;
  for (let y = 0; y < height; y++) {
    interpolateRow(warp.field, y, sized);
    const [rowX, rowY] = [cx + warp.xy * (y - cy) + warp.dx, cy + warp.yy * (y - cy) + warp.dy];
    for (let x = 0; x < width; x++) {
      const left = cell[x]!;
      const part = inCell[x]!;
      const bendX = corners[left]! * (1 - part) + corners[left + 1]! * part;
      const bendY = corners[left + CELLS + 1]! * (1 - part) + corners[left + CELLS + 2]! * part;
      target[to++] = sample(sized, rowX + warp.xx * (x - cx) + bendX, rowY + warp.yx * (x - cx) + bendY);
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
  if (options.augmentShare < 1 && random.unit() >= options.augmentShare) {
    target.set(pixels);
    return;
  }
  if (options.augmentRotate > 0 || options.augmentScale > 0 || options.augmentElastic > 0) {
    warpImage(pixels, shape, drawWarp(options, random), target);
    return;
  }
  const reach = options.augmentShift;
  const draw = (): number => (reach === 0 ? 0 : random.below(2 * reach + 1) - reach);
  shiftImage(pixels, shape, { dx: draw(), dy: draw() }, target);
};
