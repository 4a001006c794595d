// The loss of the experiment: cross-entropy of a softmax, optionally after a softmax of its own. Plain numbers: [batch, 10].
import { argmaxOf } from '../graph.ts';
import { softmax } from '../loss.ts';
import type { BlogOptions } from './options.ts';

export interface BlogLoss {
  /** Sum over the batch. */
  readonly loss: number;
  readonly right: number;
  /** [batch, classes] gradient of the mean loss by the logits. */
  readonly gradient: Float32Array;
  /** Images whose first softmax is one-hot to a thousandth. */
  readonly certain: number;
  /** Images whose gradient is below a thousandth everywhere: all, and those classified wrongly. */
  readonly dead: number;
  readonly deadWrong: number;
}

const CERTAIN = 0.999;
const DEAD = 1e-3;

export const blogLoss = (
  logits: Float32Array,
  labels: Uint8Array,
  { logitScale, softmax: twice }: Pick<BlogOptions, 'logitScale' | 'softmax'>,
): BlogLoss => {
  const classes = logits.length / labels.length;
  const first = softmax(logits, classes, logitScale);
  const last = twice ? softmax(first, classes, 1) : first;
  const gradient = new Float32Array(logits.length);
  const total = { loss: 0, right: 0, certain: 0, dead: 0, deadWrong: 0 };
  labels.forEach((label, i) => {
    const at = i * classes;
    const p = first.subarray(at, at + classes);
    const own = Float32Array.from(last.subarray(at, at + classes), (q, c) => q - (c === label ? 1 : 0));
    const mean = own.reduce((sum, g, c) => sum + g * p[c]!, 0);
    const row = twice ? own.map((g, c) => p[c]! * (g - mean)) : own;
    row.forEach((g, c) => {
      gradient[at + c] = (g * logitScale) / labels.length;
    });
    const wrong = argmaxOf(logits.subarray(at, at + classes)) !== label;
    const dead = row.every((g) => Math.abs(g) < DEAD);
    total.loss -= Math.log(Math.max(last[at + label]!, 1e-30));
    if (!wrong) total.right++;
    if (p.some((x) => x > CERTAIN)) total.certain++;
    if (dead) total.dead++;
    if (dead && wrong) total.deadWrong++;
  });
  return { ...total, gradient };
};
