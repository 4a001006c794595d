// What the net sees and makes of it: input codes, and every hidden neuron's accumulator and code; one neuron in words and
// as a picture of what it adds and subtracts.
import { codeShape } from '../layers/input.ts';
import { inputCodes } from '../layers/input-codes.ts';
import { type DenseLayer, denseLayers, outputsOf } from '../model/network.ts';
import { maxOf } from '../num/format.ts';
import { type CellLayout, cellAt, drawCells, markCell } from './cells.ts';
import { byId, make, signed, thousands } from './dom.ts';
import type { State } from './state.ts';

/** Width that pictures of a layer's inputs aim at, in pixels. */
const FIELD = 196;

const largestCode = ({ requantize }: DenseLayer): number =>
  requantize.kind === 'none' ? 1 : maxOf(requantize.output);

const tritsOf = ({ weights }: DenseLayer, neuron: number): Int8Array =>
  weights.trits.subarray(neuron * weights.cols, (neuron + 1) * weights.cols) as Int8Array;

const neuronText = (dense: DenseLayer, neuron: number, accumulator: number, code: number): string => {
  const trits = tritsOf(dense, neuron);
  const [plus, minus] = [1, -1].map((sign) => trits.reduce((n, trit) => n + (trit === sign ? 1 : 0), 0));
  return `${dense.name}, neuron ${neuron}: adds ${plus}, subtracts ${minus}, skips ${trits.length - plus! - minus!} inputs; accumulator ${signed(accumulator)}, code ${code}`;
};

interface LayerView {
  readonly accumulators: HTMLCanvasElement;
  readonly codes: HTMLCanvasElement;
  readonly field: HTMLCanvasElement;
  readonly input: HTMLInputElement;
  readonly text: HTMLElement;
  readonly columns: number;
  readonly size: number;
}

const picture = (label: string): HTMLCanvasElement =>
  make('canvas', { class: 'neurons', role: 'img', 'aria-label': label });

const layerView = (name: string, outputs: number): LayerView => ({
  accumulators: picture(`Accumulators of layer ${name}`),
  codes: picture(`Codes of layer ${name}`),
  field: picture(`What the chosen neuron of ${name} adds and subtracts`),
  input: make('input', { type: 'number', min: '0', max: String(outputs - 1), value: '0' }),
  text: make('p', { class: 'words', 'aria-live': 'polite' }),
  columns: Math.min(outputs, outputs > 256 ? 64 : 32),
  size: outputs > 256 ? 8 : 12,
});

/** Values that enter a layer, and how they are laid out. */
interface Entering {
  readonly values: ArrayLike<number>;
  readonly layout: CellLayout;
}

const place = (view: LayerView, name: string, outputs: number): void => {
  byId('layers').append(
    make(
      'div',
      { class: 'layer' },
      make('h3', {}, `${name}: ${thousands(outputs)} neurons`),
      make('p', { class: 'hint' }, 'Accumulators'),
      view.accumulators,
      make('p', { class: 'hint' }, 'Codes'),
      view.codes,
      make('label', {}, `Neuron of ${name} `, view.input),
      view.text,
      view.field,
    ),
  );
};

/** Builds the panel; the returned function draws it for the state's picture. */
export const createNeurons = (state: State): (() => void) => {
  const { network } = state;
  const hidden = denseLayers(network).slice(0, -1);
  const views = hidden.map((layer) => layerView(layer.name, outputsOf(layer)));
  const [, width] = codeShape(network.input);
  const entering = (layer: number): Entering => {
    const before = views[layer - 1];
    const values =
      before === undefined ? inputCodes(network.input, state.pixels) : state.result.codes[layer - 1]!;
    const largest = before === undefined ? maxOf(network.input.code) : largestCode(hidden[layer - 1]!);
    const columns = before?.columns ?? width;
    return { values, layout: { columns, size: Math.max(4, Math.floor(FIELD / columns)), largest } };
  };
  const draw = (layer: number): void => {
    const [view, dense] = [views[layer]!, hidden[layer]!];
    const [accumulators, codes] = [state.result.accumulators[layer]!, state.result.codes[layer]!];
    const neuron = Math.min(outputsOf(dense) - 1, Math.max(0, Math.trunc(Number(view.input.value) || 0)));
    const reached = accumulators.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const { values, layout } = entering(layer);
    drawCells(view.accumulators, accumulators, { ...view, largest: reached });
    drawCells(view.codes, codes, { ...view, largest: largestCode(dense) });
    for (const canvas of [view.accumulators, view.codes]) markCell(canvas, neuron, { ...view, largest: 1 });
    drawCells(view.field, values, layout, tritsOf(dense, neuron));
    view.text.textContent = neuronText(dense, neuron, accumulators[neuron]!, codes[neuron]!);
  };
  views.forEach((view, layer) => {
    const outputs = outputsOf(hidden[layer]!);
    view.input.addEventListener('input', () => draw(layer));
    for (const canvas of [view.accumulators, view.codes])
      for (const kind of ['pointerdown', 'pointermove'] as const)
        canvas.addEventListener(kind, (event) => {
          const neuron = cellAt(canvas, event, { ...view, largest: 1 });
          if (neuron < 0 || neuron >= outputs) return;
          view.input.value = String(neuron);
          draw(layer);
        });
    place(view, hidden[layer]!.name, outputs);
  });
  return () => {
    const { values, layout } = entering(0);
    drawCells(byId<HTMLCanvasElement>('codes'), values, layout);
    views.forEach((_, layer) => {
      draw(layer);
    });
  };
};
