// The page: loads the network that lies beside it and wires the panels. Everything is computed here, in the browser.
import { parseNetwork } from '../layers/validate.ts';
import { denseLayers, inputsOf, outputsOf } from '../model/network.ts';
import { UserError } from '../util/errors.ts';
import { showAnswer } from './answer.ts';
import { byId, debounced, make } from './dom.ts';
import { createHardware } from './hardware.ts';
import { createModules } from './modules.ts';
import { createNeurons } from './neurons.ts';
import { centred, createPad, type Pad, toPgm } from './pad.ts';
import { createState, type State } from './state.ts';
import { createSteps } from './steps.ts';

/** samples.json: pictures to begin with. */
interface Samples {
  readonly version: string;
  readonly accuracy: number | null;
  readonly images: readonly { readonly index: number; readonly label: string; readonly pixels: string }[];
}

const load = async (path: string): Promise<string> => {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} could not be loaded: ${response.status}`);
  return response.text();
};

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

const describe = ({ network }: State, { accuracy }: Samples): void => {
  const layers = denseLayers(network);
  const shape = [inputsOf(layers[0]!), ...layers.map(outputsOf)].join('-');
  const right = accuracy === null ? '' : `, ${(100 * accuracy).toFixed(2)} % of its test images right`;
  byId('name').textContent = network.name;
  document.title = `${network.name}: bitsim`;
  byId('summary').textContent =
    `${shape}, ${layers[0]!.weights.alphabet} weights${right}. Every number below is computed in this page, by the simulator that verifies the Verilog.`;
};

const wireButtons = (state: State, pad: Pad, samples: Samples): void => {
  const [height, width] = state.network.input.shape;
  byId('clear').addEventListener('click', () => pad.set(new Uint8Array(height * width)));
  byId('centre').addEventListener('click', () => pad.set(centred(pad.pixels, height, width)));
  byId('save').addEventListener('click', () => {
    const address = URL.createObjectURL(toPgm(pad.pixels, height, width));
    const link = make('a', { href: address, download: 'digit.pgm' });
    link.click();
    URL.revokeObjectURL(address);
  });
  const select = byId<HTMLSelectElement>('sample');
  for (const { index, label } of samples.images)
    select.append(make('option', { value: String(index) }, `test image ${index}: ${label}`));
  select.addEventListener('change', () => {
    const chosen = samples.images.find(({ index }) => String(index) === select.value);
    if (chosen !== undefined) pad.set(bytesOf(chosen.pixels));
  });
};

const start = async (): Promise<void> => {
  const [networkText, samplesText] = await Promise.all([load('network.json'), load('samples.json')]);
  const samples = JSON.parse(samplesText) as Samples;
  let later: () => void = () => undefined;
  let folded: () => void = () => undefined;
  let pictured: () => void = () => undefined;
  const state = createState(
    parseNetwork(networkText),
    () => pictured(),
    () => folded(),
  );
  const [height, width] = state.network.input.shape;
  const pad = createPad(height, width, () => state.picture(pad.pixels));
  const neurons = createNeurons(state);
  const hardware = createHardware(state);
  const modules = createModules(state, samples.version);
  const steps = createSteps(state);
  later = debounced(() => steps.draw(), 30);
  pictured = () => {
    showAnswer(state);
    neurons();
    later();
  };
  folded = () => {
    hardware();
    modules();
    later();
  };
  describe(state, samples);
  wireButtons(state, pad, samples);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    pad.repaint();
    neurons();
  });
  folded();
  const first = samples.images[0];
  if (first === undefined) pictured();
  else pad.set(bytesOf(first.pixels));
  steps.start();
  document.documentElement.dataset.ready = 'true';
};

start().catch((error: unknown) => {
  const message = byId('problem');
  message.hidden = false;
  message.textContent = error instanceof UserError ? error.message : `This page cannot run: ${String(error)}`;
});
