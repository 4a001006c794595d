// Fault campaigns as people read them.
import type { ExhaustiveResult } from '../sim/faults/exhaustive.ts';
import type { RateResult } from '../sim/faults/rates.ts';
import type { FaultPlace } from '../sim/faults/sites.ts';
import { percent, thousands } from './format.ts';
import { table } from './table.ts';

const WHAT: Readonly<Record<FaultPlace, string>> = {
  rom: 'weight ROM, wrong for all images',
  accumulators: 'finished accumulators, other bits in each image',
  activations: 'codes that enter a dense layer, other bits in each image',
};

export interface RatesSummary {
  readonly place: FaultPlace;
  /** Bits that could be inverted: in all, or in each image. */
  readonly bits: number;
  readonly images: number;
  /** Without faults. */
  readonly accuracy: number;
  readonly results: readonly RateResult[];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const ratesReport = ({ place, bits, images, accuracy, results }: RatesSummary): string => {
  const rows = results.map(({ rate, trials }) => {
    const accuracies = trials.map((trial) => trial.accuracy);
    const flipped = mean(trials.map((trial) => trial.flipped)) / (place === 'rom' ? 1 : images);
    return [
      rate.toExponential(),
      flipped < 100 ? flipped.toFixed(1) : thousands(Math.round(flipped)),
      percent(mean(accuracies)),
      percent(Math.min(...accuracies)),
      percent(Math.max(...accuracies)),
      percent(mean(trials.map((trial) => trial.changed / images))),
    ];
  });
  return [
    `bits inverted in: ${WHAT[place]}`,
    `${thousands(bits)} bits, ${results[0]!.trials.length} draws at each rate; ${thousands(images)} images, ${percent(accuracy)} right without faults`,
    '',
    table(['rate', 'inverted', 'accuracy', 'least', 'most', 'other class'], rows, [0, 1, 2, 3, 4, 5]),
  ].join('\n');
};

const share = (images: number, of: number): string => percent(images / of);

const sign = (trit: number): string => (trit > 0 ? '+1' : String(trit));

/** The share of bits that do nothing, effects by position, the worst single bits. */
export const exhaustiveReport = (result: ExhaustiveResult, accuracy: number): string => {
  const { place, layer, sites, images, harmless, byBit, top } = result;
  const byPosition = table(
    ['bit', 'places', 'harmless', 'other class, mean', 'worst'],
    byBit.map((b) => [
      String(b.bit),
      thousands(b.places),
      share(b.harmless, b.places),
      share(b.mean, images),
      share(b.most, images),
    ]),
    [0, 1, 2, 3, 4],
  );
  const rom = place === 'rom';
  const critical = table(
    ['neuron', ...(rom ? ['input'] : []), 'bit', ...(rom ? ['trit'] : []), 'other class', 'accuracy'],
    top.map((t) => [
      String(t.neuron),
      ...(rom ? [String(t.input)] : []),
      String(t.bit),
      ...(rom ? [`${sign(t.from!)} to ${sign(t.to!)}`] : []),
      share(t.changed, images),
      percent(t.accuracy),
    ]),
    [0, 1, 2, 3, 4, 5],
  );
  const neuron = place === 'activations' ? ' (neuron: index of the code)' : '';
  return [
    `layer ${layer}: each of ${thousands(sites)} ${place} bits inverted in turn`,
    `${thousands(images)} images, ${percent(accuracy)} right without faults; ` +
      `${thousands(harmless)} bits (${share(harmless, sites)}) change no answer`,
    '',
    byPosition,
    '',
    `the most critical bits${neuron}`,
    top.length === 0 ? 'none' : critical,
  ].join('\n');
};
