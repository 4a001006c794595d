// Classification metrics: pure counting over labels and predictions.

export interface ClassMetrics {
  readonly class: string;
  /** Of the images predicted as this class, the share that is; 0 when none was predicted. */
  readonly precision: number;
  /** Of the images of this class, the share found; 0 when there is none. */
  readonly recall: number;
  /** Images of this class. */
  readonly support: number;
}

export interface ClassificationMetrics {
  /** Share of images predicted rightly, 0..1. */
  readonly accuracy: number;
  readonly images: number;
  readonly perClass: readonly ClassMetrics[];
  /** Unweighted means over the classes. */
  readonly macro: { readonly precision: number; readonly recall: number };
  /** confusion[label][prediction] = images. */
  readonly confusion: readonly (readonly number[])[];
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => ratio(sum(values), values.length);

/** Metrics of `predicted` against `labels`, both indices into `classes`, equally long. */
export const classificationMetrics = (
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: readonly string[],
): ClassificationMetrics => {
  const confusion = classes.map(() => classes.map(() => 0));
  for (let i = 0; i < labels.length; i++) confusion[labels[i]!]![predicted[i]!]!++;
  const perClass = classes.map((name, c) => {
    const support = sum(confusion[c]!);
    const claimed = sum(confusion.map((row) => row[c]!));
    const right = confusion[c]![c]!;
    return { class: name, precision: ratio(right, claimed), recall: ratio(right, support), support };
  });
  return {
    accuracy: ratio(sum(classes.map((_, c) => confusion[c]![c]!)), labels.length),
    images: labels.length,
    perClass,
    macro: { precision: mean(perClass.map((c) => c.precision)), recall: mean(perClass.map((c) => c.recall)) },
    confusion,
  };
};
