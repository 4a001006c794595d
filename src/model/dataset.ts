// Labelled images as bytes: what the data readers hand to training, verification and vector generation.

export interface LabelledImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** count x height x width, row order, 0..255. */
  readonly pixels: Uint8Array;
  /** count class indices. */
  readonly labels: Uint8Array;
}

export interface Dataset {
  /** Short name for reports, e.g. `mnist-embedded` or the folder's base name. */
  readonly name: string;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly classes: readonly string[];
  /** SHA-256 of the pixels and labels of each split, hex; recorded in manifests. */
  readonly digests: { readonly train: string; readonly test: string };
}

/** The pixels of image `index`, a view, not a copy. */
export const pixelsOf = (images: LabelledImages, index: number): Uint8Array => {
  const size = images.height * images.width;
  return images.pixels.subarray(index * size, (index + 1) * size);
};

/** The images at `indices`, copied, in that order. */
export const selectImages = (images: LabelledImages, indices: readonly number[]): LabelledImages => {
  const size = images.height * images.width;
  const pixels = new Uint8Array(indices.length * size);
  const labels = new Uint8Array(indices.length);
  indices.forEach((from, to) => {
    pixels.set(pixelsOf(images, from), to * size);
    labels[to] = images.labels[from]!;
  });
  return { count: indices.length, height: images.height, width: images.width, pixels, labels };
};

/** `count` images from `start` on, views, not copies. */
export const selectRange = (images: LabelledImages, start: number, count: number): LabelledImages => {
  const size = images.height * images.width;
  return {
    ...images,
    count,
    pixels: images.pixels.subarray(start * size, (start + count) * size),
    labels: images.labels.subarray(start, start + count),
  };
};
