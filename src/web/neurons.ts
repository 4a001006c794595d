// What the net sees and makes of it: input codes, and every neuron's code; one neuron in words.
import { codeShape } from '../layers/input.ts';
import { inputCodes } from '../layers/input-codes.ts';
import { denseLayers, outputsOf } from '../model/network.ts';
import { maxOf } from '../num/format.ts';
import { byId, make, signed, themeColour, thousands } from './dom.ts';
import type { State } from './state.ts';

/** A picture of `values` 0..largest in cells, `columns` a row. */
const cells = (
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  columns: number,
  largest: number,
  size: number,
): void => {
  canvas.width = columns * size;
  canvas.height = Math.ceil(values.length / columns) * size;
  const context = canvas.getContext('2d')!;
  context.fillStyle = themeColour('soft');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = themeColour('first');
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    context.globalAlpha = 0.15 + (0.85 * values[i]!) / largest;
    context.fillRect((i % columns) * size, Math.floor(i / columns) * size, size - 1, size - 1);
  }
  context.globalAlpha = 1;
};

const neuronText = ({ network, result }: State, layer: number, neuron: number): string => {
  const dense = denseLayers(network)[layer]!;
  const accumulator = result.accumulators[layer]![neuron]!;
  const start = neuron * dense.weights.cols;
  const trits = dense.weights.trits.subarray(start, start + dense.weights.cols);
  const [plus, minus] = [1, -1].map((sign) => trits.reduce((n, trit) => n + (trit === sign ? 1 : 0), 0));
  const codes = result.codes[layer];
  const leaves = codes === undefined ? 'it is the logit' : `code ${codes[neuron]}`;
  return `${dense.name}, neuron ${neuron}: adds ${plus}, subtracts ${minus}, skips ${trits.length - plus! - minus!} inputs; accumulator ${signed(accumulator)}, ${leaves}`;
};

interface LayerView {
  readonly canvas: HTMLCanvasElement;
  readonly input: HTMLInputElement;
  readonly text: HTMLElement;
  readonly columns: number;
  readonly size: number;
}

/** Draws codes and neurons again. */
export type Redraw = () => void;

const layerView = (name: string, outputs: number): LayerView => {
  const many = outputs > 256;
  const columns = Math.min(outputs, many ? 64 : 32);
  const size = many ? 8 : 12;
  const canvas = make('canvas', { class: 'neurons', role: 'img', 'aria-label': `codes of layer ${name}` });
  const input = make('input', { type: 'number', min: '0', max: String(outputs - 1), value: '0' });
  const text = make('p', { class: 'words', 'aria-live': 'polite' });
  return { canvas, input, text, columns, size };
};

/** Builds the panel; the returned function draws it for the state's picture. */
export const createNeurons = (state: State): Redraw => {
  const { network } = state;
  const layers = denseLayers(network);
  const hidden = layers.slice(0, -1);
  const views = hidden.map((layer) => layerView(layer.name, outputsOf(layer)));
  const say = (layer: number): void => {
    const { input, text } = views[layer]!;
    const neuron = Math.min(outputsOf(hidden[layer]!) - 1, Math.max(0, Math.trunc(Number(input.value) || 0)));
    text.textContent = neuronText(state, layer, neuron);
  };
  views.forEach((view, layer) => {
    view.input.addEventListener('input', () => say(layer));
    view.canvas.addEventListener('pointermove', (event) => {
      const box = view.canvas.getBoundingClientRect();
      const cell = (view.size * box.width) / view.canvas.width;
      const neuron =
        Math.floor((event.clientY - box.top) / cell) * view.columns +
        Math.floor((event.clientX - box.left) / cell);
      if (neuron < 0 || neuron >= outputsOf(hidden[layer]!)) return;
      view.input.value = String(neuron);
      say(layer);
    });
    const name = hidden[layer]!.name;
    byId('layers').append(
      make(
        'div',
        { class: 'layer' },
        make('h3', {}, `${name}: ${thousands(outputsOf(hidden[layer]!))} neurons`),
        view.canvas,
        make('label', {}, `Neuron of ${name} `, view.input),
        view.text,
      ),
    );
  });
  const codesCanvas = byId<HTMLCanvasElement>('codes');
  const [, width] = codeShape(network.input);
  return () => {
    const codes = inputCodes(network.input, state.pixels);
    cells(codesCanvas, codes, width, maxOf(network.input.code), Math.max(4, Math.floor(196 / width)));
    views.forEach((view, layer) => {
      const { requantize } = hidden[layer]!;
      const largest = requantize.kind === 'none' ? 1 : maxOf(requantize.output);
      cells(view.canvas, state.result.codes[layer]!, view.columns, largest, view.size);
      say(layer);
    });
  };
};
