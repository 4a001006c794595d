// The folded schedule, one clock cycle at a time: ROM address, trits, what is added, subtracted, skipped, accumulators.
import type { Addition, LayerCycle } from '../arch/folded/trace.ts';
import { byId, make, row, signed, thousands } from './dom.ts';
import type { State } from './state.ts';

/** Rows and columns that fit a screen; the words say how many more there are. */
const MOST = { pe: 16, simd: 16 };
const PLAY_MS = 120;

const STATES = {
  add: 'adds',
  stall: 'is held: finished results have not left',
  idle: 'idles: nothing to add',
} as const;

const selectedCell = (trit: number, chosen: number): HTMLTableCellElement => {
  if (trit === 0) return make('td', { class: 'skip', title: 'trit 0: skipped' }, '·');
  const [kind, words] = trit > 0 ? ['add', 'trit +1: added'] : ['subtract', 'trit −1: subtracted'];
  const sign = trit > 0 ? '+' : '−';
  return make('td', { class: kind, title: words }, `${sign}${thousands(Math.abs(chosen))}`);
};

const endText = ({ end }: Addition, p: number): string =>
  end === null
    ? ''
    : `neuron ${end.neurons[p]}: ${signed(end.accumulators[p]!)}, code ${signed(end.codes[p]!)}, leaves in cycle ${thousands(end.leaves[p]!)}`;

const additionRows = (now: LayerCycle, add: Addition, simd: number): HTMLTableRowElement[] => {
  const lanes = Math.min(simd, MOST.simd);
  const pes = Math.min(now.accumulators.length, MOST.pe);
  const head = row(
    [
      'PE',
      ...Array.from({ length: lanes }, (_, lane) => `x = ${add.inputs[lane]}`),
      'sum',
      'accumulator',
      'becomes',
      '',
    ],
    'th',
  );
  const body = Array.from({ length: pes }, (_, p) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, String(p)),
      ...Array.from({ length: lanes }, (_unused, lane) =>
        selectedCell(add.trits[p * simd + lane]!, add.selected[p * simd + lane]!),
      ),
      make('td', { class: 'number' }, signed(add.sums[p]!)),
      make('td', { class: 'number' }, signed(now.accumulators[p]!)),
      make('td', { class: 'number' }, signed(add.totals[p]!)),
      make('td', {}, endText(add, p)),
    ),
  );
  return [head, ...body];
};

const words = (now: LayerCycle, pe: number, simd: number): string => {
  const rom = `ROM address ${thousands(now.romAddress)}${now.reads ? ', being read' : ''}`;
  const text = `Cycle ${thousands(now.cycle)}: the layer ${STATES[now.state]}. ${rom}.`;
  if (now.add === null) return text;
  const { neuronFold, synapseFold, skipped, romAddress } = now.add;
  const passed = skipped === 0 ? '' : ` ${thousands(skipped)} words of zeros before it are skipped.`;
  const hidden = pe > MOST.pe || simd > MOST.simd ? ` The first ${MOST.pe} × ${MOST.simd} are shown.` : '';
  const from = now.accumulators.some((value) => value !== 0) ? 'its bias and the rounding constant' : '0';
  const begins = synapseFold === skipped ? ` Each row starts here, from ${from}.` : '';
  return `${text} Its trits came from word ${thousands(romAddress)}: neuron fold ${neuronFold}, synapse fold ${synapseFold}, inputs ${thousands(synapseFold * simd)} to ${thousands(synapseFold * simd + simd - 1)}.${passed}${begins}${hidden}`;
};

interface Controls {
  readonly layerSelect: HTMLSelectElement;
  readonly slider: HTMLInputElement;
  readonly number: HTMLInputElement;
}

/** Shows the chosen cycle of the chosen layer. */
const drawCycle = (state: State, { layerSelect, slider, number }: Controls): void => {
  const trace = state.trace();
  const last = trace.schedule.cycles - 1;
  const layer = Number(layerSelect.value);
  const cycle = Math.min(last, Math.max(0, Math.trunc(Number(slider.value) || 0)));
  slider.max = String(last);
  number.max = String(last);
  slider.value = String(cycle);
  number.value = String(cycle);
  const now = trace.cycle(layer, cycle);
  const { pe, simd } = state.plan.layers[layer]!;
  byId('step-words').textContent = words(now, pe, simd);
  byId('step-table').replaceChildren(...(now.add === null ? [] : additionRows(now, now.add, simd)));
};

export interface Steps {
  /** Draws the panel for the state's picture and folding. */
  draw(): void;
  /** Goes to the first step in which something is added. */
  start(): void;
}

/** Builds the panel. */
export const createSteps = (state: State): Steps => {
  const controls = {
    layerSelect: byId<HTMLSelectElement>('step-layer'),
    slider: byId<HTMLInputElement>('step-cycle'),
    number: byId<HTMLInputElement>('step-number'),
  };
  const { layerSelect, slider, number } = controls;
  let timer: ReturnType<typeof setInterval> | undefined;
  state.plan.layers.forEach(({ layer }, i) => {
    layerSelect.append(make('option', { value: String(i) }, layer));
  });
  const draw = (): void => drawCycle(state, controls);
  const go = (cycle: number): void => {
    slider.value = String(cycle);
    draw();
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    byId('step-play').textContent = 'Play';
  };
  const first = (): void => {
    const { adds } = state.trace().schedule.units[Number(layerSelect.value)]!;
    go(adds.indexOf(1) - 1);
  };
  /** The next cycle in which something other than 0 is added. */
  const nextInk = (): void => {
    const trace = state.trace();
    const layer = Number(layerSelect.value);
    const adds = (cycle: number): boolean =>
      trace.cycle(layer, cycle).add?.selected.some((chosen) => chosen !== 0) === true;
    let cycle = Number(slider.value) + 1;
    while (cycle < trace.schedule.cycles && !adds(cycle)) cycle++;
    if (cycle < trace.schedule.cycles) go(cycle);
  };
  slider.addEventListener('input', draw);
  number.addEventListener('change', () => {
    slider.max = String(state.trace().schedule.cycles - 1);
    go(Number(number.value));
  });
  layerSelect.addEventListener('change', first);
  byId('step-back').addEventListener('click', () => go(Number(slider.value) - 1));
  byId('step-next').addEventListener('click', () => go(Number(slider.value) + 1));
  byId('step-first').addEventListener('click', first);
  byId('step-ink').addEventListener('click', nextInk);
  byId('step-play').addEventListener('click', () => {
    if (timer !== undefined) return stop();
    byId('step-play').textContent = 'Stop';
    timer = setInterval(() => {
      if (Number(slider.value) >= Number(slider.max)) stop();
      else go(Number(slider.value) + 1);
    }, PLAY_MS);
  });
  const start = (): void => {
    first();
    nextInk();
  };
  return { draw, start };
};
