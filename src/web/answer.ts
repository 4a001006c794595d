// The class and the logits.
import { byId, make, signed } from './dom.ts';
import type { State } from './state.ts';

/** Bars from the middle: the largest magnitude takes half the width. */
const bar = (value: number, largest: number): HTMLElement => {
  const share = largest === 0 ? 0 : (50 * Math.abs(value)) / largest;
  const side = value < 0 ? `right: 50%` : 'left: 50%';
  return make(
    'span',
    { class: 'bar', 'aria-hidden': 'true' },
    make('span', { class: value < 0 ? 'minus' : 'plus', style: `width: ${share}%; ${side}` }),
  );
};

export const showAnswer = ({ network, result, milliseconds, engine }: State): void => {
  const best = result.classes[0]!;
  byId('class').textContent = network.classes[best]!;
  const largest = Math.max(...result.logits.map(Math.abs));
  byId('logits').replaceChildren(
    ...network.classes.map((name, i) =>
      make(
        'tr',
        i === best ? { class: 'best' } : {},
        make('th', { scope: 'row' }, name),
        make('td', { class: 'number' }, signed(result.logits[i]!)),
        make('td', { class: 'bars' }, bar(result.logits[i]!, largest)),
      ),
    ),
  );
  const how = engine.kind === 'wasm-simd' ? 'WebAssembly SIMD' : 'the fallback without SIMD';
  byId('timing').textContent = `${milliseconds.toFixed(2)} ms in ${how}, the same integers as in gates`;
};
