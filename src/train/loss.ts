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

/** Loss of softmax(logits x 2^-logitShift) against smoothed labels: 1 - s on the label, s spread over all classes. */
export const crossEntropy = (
  logits: Float32Array | Int32Array | Uint8Array,
  labels: Uint8Array,
  classes: number,
  logitShift: number,
  smoothing: number,
): LossResult => {
  const gradient = new Float32Array(logits.length);
  const scale = 2 ** -logitShift;
  const spread = smoothing / classes;
  let loss = 0;
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const label = labels[i]!;
    const best = argmaxOf(row);
    if (best === label) right++;
    let total = 0;
    for (const logit of row) total += Math.exp((logit - row[best]!) * scale);
    for (let c = 0; c < classes; c++) {
      const centred = (row[c]! - row[best]!) * scale;
      const target = spread + (c === label ? 1 - smoothing : 0);
      loss -= target * (centred - Math.log(total));
      gradient[i * classes + c] = (Math.exp(centred) / total - target) / labels.length;
    }
  }
  return { loss, right, gradient };
};
