// Folding by sliders: PE and SIMD of every layer, what they cost, what they bring.
import { estimateParts } from '../arch/folded/estimate.ts';
import { divisorsOf } from '../arch/folded/folding.ts';
import { byId, debounced, make, row, thousands } from './dom.ts';
import type { State } from './state.ts';

/** Clock that rates are given at: what `bitsim plan` takes unless told otherwise. */
const CLOCK_MHZ = 48;

interface Slider {
  readonly input: HTMLInputElement;
  readonly output: HTMLOutputElement;
  readonly divisors: readonly number[];
}

const slider = (label: string, size: number, value: number): Slider => {
  const divisors = divisorsOf(size);
  const input = make('input', {
    type: 'range',
    min: '0',
    max: String(divisors.length - 1),
    value: String(divisors.indexOf(value)),
    'aria-label': label,
    'aria-valuetext': String(value),
  });
  return { input, output: make('output', {}, String(value)), divisors };
};

const chosenOf = ({ input, divisors }: Slider): number => divisors[Number(input.value)]!;

const show = ({ plan, network }: State): void => {
  const parts = estimateParts(network, plan.layers, 'ice40');
  const total = (key: 'luts' | 'flipFlops' | 'blockRams'): number =>
    parts.reduce((sum, part) => sum + part[key], 0);
  byId('plan').replaceChildren(
    ...plan.layers.map(({ layer, pe, simd, neuronFold, synapseFold, cycles, rom }, i) =>
      row([
        layer,
        `${pe} × ${simd}`,
        `${neuronFold} × ${synapseFold}`,
        thousands(cycles),
        `${thousands(rom.words)} × ${rom.width}`,
        thousands(parts[i]!.blockRams),
        thousands(parts[i]!.luts),
        thousands(pe * simd),
      ]),
    ),
  );
  const rate = Math.floor((CLOCK_MHZ * 1e6) / plan.initiationInterval);
  byId('totals').textContent =
    `An image every ${thousands(plan.initiationInterval)} cycles, latency ${thousands(plan.latency)} cycles: ` +
    `${thousands(rate)} images a second at ${CLOCK_MHZ} MHz. On iCE40 about ${thousands(total('luts'))} LUTs, ` +
    `${thousands(total('flipFlops'))} flip-flops, ${thousands(total('blockRams'))} block RAMs (estimates), no DSP.`;
};

/** Builds the sliders; the returned function draws the plan. */
export const createHardware = (state: State): (() => void) => {
  const rows = state.plan.layers.map(({ layer, inputs, outputs, pe, simd }) => ({
    layer,
    pe: slider(`PE of ${layer}: outputs a cycle`, outputs, pe),
    simd: slider(`SIMD of ${layer}: inputs a cycle`, inputs, simd),
  }));
  const apply = debounced(() => {
    state.fold({ pe: rows.map(({ pe }) => chosenOf(pe)), simd: rows.map(({ simd }) => chosenOf(simd)) });
  }, 60);
  for (const { layer, pe, simd } of rows) {
    for (const one of [pe, simd])
      one.input.addEventListener('input', () => {
        one.output.textContent = String(chosenOf(one));
        one.input.setAttribute('aria-valuetext', String(chosenOf(one)));
        apply();
      });
    byId('sliders').append(
      make(
        'div',
        { class: 'slider-row' },
        make('strong', {}, layer),
        make('span', {}, 'PE ', pe.input, pe.output),
        make('span', {}, 'SIMD ', simd.input, simd.output),
      ),
    );
  }
  return () => show(state);
};
