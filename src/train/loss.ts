// Softmax cross-entropy with label smoothing, in plain JavaScript: logits are [batch, classes], too small for tensors
// to pay, and the loss and the accuracy come out on the way.
import { argmaxOf } from './graph.ts';

export interface LossResult {
  /** Sum over the batch. */
  readonly loss: number;
  readonly right: number;
  /** [batch, classes] gradient of the mean loss with respect to the scaled logits. */
  readonly gradient: Float32Array;
}

/** What the loss wants of each class, [batch, classes]: 1 - s on the label and s spread over all, mixed with a teacher's. */
export const targetsOf = (
  labels: Uint8Array,
  classes: number,
  smoothing: number,
  taught: Float32Array | undefined,
  share: number,
): Float32Array => {
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
  labels.forEach((label, i) => {
    targets[i * classes + label]! += 1 - smoothing;
  });
  if (taught === undefined || share === 0) return targets;
  return targets.map((target, i) => target * (1 - share) + taught[i]! * share);
};

/** Softmax of each row of [rows, classes] logits x `scale`. */
export const softmax = (logits: ArrayLike<number>, classes: number, scale: number): Float32Array => {
  const result = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    let best = logits[start]!;
    for (let i = start; i < start + classes; i++) best = Math.max(best, logits[i]!);
    let total = 0;
    for (let i = start; i < start + classes; i++) total += result[i] = Math.exp((logits[i]! - best) * scale);
    for (let i = start; i < start + classes; i++) result[i]! /= total;
  }
  return result;
};

/** Loss of softmax(logits x 2^-logitShift) against `targets`, [batch, classes]. */
export const crossEntropy = (
  logits: Float32Array | Int32Array | Uint8Array,
  labels: Uint8Array,
  targets: Float32Array,
  logitShift: number,
): LossResult => {
  const gradient = new Float32Array(logits.length);
  const classes = logits.length / labels.length;
  const scale = 2 ** -logitShift;
  let loss = 0;
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const best = argmaxOf(row);
    if (best === labels[i]) right++;
    let total = 0;
    for (const logit of row) total += Math.exp((logit - row[best]!) * scale);
    for (let c = 0; c < classes; c++) {
      const centred = (row[c]! - row[best]!) * scale;
      const target = targets[i * classes + c]!;
      loss -= target * (centred - Math.log(total));
      gradient[i * classes + c] = (Math.exp(centred) / total - target) / labels.length;
    }
  }
  return { loss, right, gradient };
};
