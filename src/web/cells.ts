// Pictures of integers: one small square each. Zero is the paper; blue is plus, orange minus, the stronger the larger.
import { themeColour } from './dom.ts';

/** How `values` are laid out: `columns` a row, squares of `size` pixels, and the magnitude that is full colour. */
export interface CellLayout {
  readonly columns: number;
  readonly size: number;
  readonly largest: number;
}

const FAINT = 0.15;

/** Draws `values`; a cell whose weight in `trits` is 0 stays empty, one with −1 is drawn as minus. */
export const drawCells = (
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  { columns, size, largest }: CellLayout,
  trits?: Int8Array,
): void => {
  canvas.width = columns * size;
  canvas.height = Math.ceil(values.length / columns) * size;
  const context = canvas.getContext('2d')!;
  context.fillStyle = themeColour('soft');
  context.fillRect(0, 0, canvas.width, canvas.height);
  const [plus, minus] = [themeColour('first'), themeColour('second')];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const sign = trits === undefined ? Math.sign(value) : trits[i]!;
    if (sign === 0) continue;
    context.fillStyle = sign > 0 ? plus : minus;
    context.globalAlpha = FAINT + ((1 - FAINT) * Math.abs(value)) / Math.max(1, largest);
    context.fillRect((i % columns) * size, Math.floor(i / columns) * size, size - 1, size - 1);
  }
  context.globalAlpha = 1;
};

/** A frame around one cell. */
export const markCell = (canvas: HTMLCanvasElement, cell: number, { columns, size }: CellLayout): void => {
  const context = canvas.getContext('2d')!;
  context.strokeStyle = themeColour('ink');
  context.lineWidth = 2;
  context.strokeRect((cell % columns) * size, Math.floor(cell / columns) * size, size - 1, size - 1);
};

/** The cell under the pointer; may lie outside of the values. */
export const cellAt = (
  canvas: HTMLCanvasElement,
  event: PointerEvent,
  { columns, size }: CellLayout,
): number => {
  const box = canvas.getBoundingClientRect();
  const cell = (size * box.width) / canvas.width;
  const column = Math.min(columns - 1, Math.max(0, Math.floor((event.clientX - box.left) / cell)));
  return Math.floor((event.clientY - box.top) / cell) * columns + column;
};
