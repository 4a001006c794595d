// The drawing pad: pixels of 0..255, painted with pointer or keyboard. What is shown is exactly what the net gets.
import { byId, themeColour } from './dom.ts';

export interface Pad {
  readonly pixels: Uint8Array;
  /** Replaces the picture. */
  set(pixels: Uint8Array): void;
  /** Paints it again, for example in other colours. */
  repaint(): void;
}

interface Cursor {
  row: number;
  col: number;
  shown: boolean;
}

/** A soft brush: how much ink falls on a pixel, by its distance in pixels from the stroke. */
const ink = (distance: number): number => Math.max(0, Math.min(255, Math.round(400 - 230 * distance)));

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** `pixels` moved so that their centre of mass is the middle. */
export const centred = (pixels: Uint8Array, height: number, width: number): Uint8Array => {
  let [mass, rows, cols] = [0, 0, 0];
  pixels.forEach((value, i) => {
    mass += value;
    rows += value * Math.floor(i / width);
    cols += value * (i % width);
  });
  if (mass === 0) return pixels;
  const down = Math.round((height - 1) / 2 - rows / mass);
  const right = Math.round((width - 1) / 2 - cols / mass);
  const moved = new Uint8Array(pixels.length);
  pixels.forEach((value, i) => {
    const [r, c] = [Math.floor(i / width) + down, (i % width) + right];
    if (r >= 0 && r < height && c >= 0 && c < width) moved[r * width + c] = value;
  });
  return moved;
};

/** The pixels as a PGM file, which `bitsim predict` reads. */
export const toPgm = (pixels: Uint8Array, height: number, width: number): Blob =>
  new Blob([`P5\n${width} ${height}\n255\n`, pixels as Uint8Array<ArrayBuffer>], {
    type: 'image/x-portable-graymap',
  });

const paint = (canvas: HTMLCanvasElement, pixels: Uint8Array, width: number, cursor: Cursor): void => {
  const context = canvas.getContext('2d')!;
  const size = canvas.width / width;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = themeColour('ink');
  pixels.forEach((value, i) => {
    if (value === 0) return;
    context.globalAlpha = value / 255;
    context.fillRect((i % width) * size, Math.floor(i / width) * size, size, size);
  });
  context.globalAlpha = 1;
  if (!cursor.shown) return;
  context.strokeStyle = themeColour('second');
  context.lineWidth = 2;
  context.strokeRect(cursor.col * size, cursor.row * size, size, size);
};

/** Wires the pad up; `onChange` is called after every change of the pixels. */
export const createPad = (height: number, width: number, onChange: () => void): Pad => {
  const canvas = byId<HTMLCanvasElement>('pad');
  const scale = Math.max(4, Math.floor(336 / Math.max(height, width)));
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pixels = new Uint8Array(height * width);
  const cursor: Cursor = { row: height >> 1, col: width >> 1, shown: false };
  const repaint = (): void => paint(canvas, pixels, width, cursor);
  const changed = (): void => {
    repaint();
    onChange();
  };
  const strokeTo = (x: number, y: number): void => {
    for (let r = Math.max(0, Math.floor(y) - 3); r < Math.min(height, y + 3); r++)
      for (let c = Math.max(0, Math.floor(x) - 3); c < Math.min(width, x + 3); c++) {
        const i = r * width + c;
        pixels[i] = Math.max(pixels[i]!, ink(Math.hypot(c + 0.5 - x, r + 0.5 - y)));
      }
  };
  wirePointer(canvas, width, strokeTo, changed);
  wireKeys(byId('pad-frame'), cursor, { height, width, pixels, strokeTo, repaint, changed });
  repaint();
  return {
    pixels,
    set: (next) => {
      pixels.set(next);
      changed();
    },
    repaint,
  };
};

const wirePointer = (
  canvas: HTMLCanvasElement,
  width: number,
  strokeTo: (x: number, y: number) => void,
  changed: () => void,
): void => {
  let last: readonly [number, number] | null = null;
  const place = (event: PointerEvent): readonly [number, number] => {
    const box = canvas.getBoundingClientRect();
    const size = box.width / width;
    return [(event.clientX - box.left) / size, (event.clientY - box.top) / size];
  };
  const draw = (event: PointerEvent): void => {
    const [x, y] = place(event);
    const [fromX, fromY] = last ?? [x, y];
    const steps = Math.max(1, Math.ceil(Math.hypot(x - fromX, y - fromY) * 2));
    for (let i = 1; i <= steps; i++)
      strokeTo(fromX + ((x - fromX) * i) / steps, fromY + ((y - fromY) * i) / steps);
    last = [x, y];
    changed();
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    last = null;
    draw(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (last === null) return;
    for (const one of event.getCoalescedEvents?.() ?? []) draw(one);
    draw(event);
  });
  for (const end of ['pointerup', 'pointercancel'] as const)
    canvas.addEventListener(end, () => {
      last = null;
    });
};

interface KeyContext {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
  readonly strokeTo: (x: number, y: number) => void;
  readonly repaint: () => void;
  readonly changed: () => void;
}

const wireKeys = (frame: HTMLElement, cursor: Cursor, context: KeyContext): void => {
  const { height, width, pixels, strokeTo, repaint, changed } = context;
  const dot = (): void => strokeTo(cursor.col + 0.5, cursor.row + 0.5);
  frame.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (move !== undefined) {
      cursor.row = Math.min(height - 1, Math.max(0, cursor.row + move[0]));
      cursor.col = Math.min(width - 1, Math.max(0, cursor.col + move[1]));
      if (event.shiftKey) dot();
    } else if (event.key === ' ') dot();
    else if (event.key === 'Delete' || event.key === 'Backspace') pixels.fill(0);
    else return;
    event.preventDefault();
    if (move === undefined || event.shiftKey) changed();
    else repaint();
  });
  frame.addEventListener('focus', () => {
    cursor.shown = frame.matches(':focus-visible');
    repaint();
  });
  frame.addEventListener('blur', () => {
    cursor.shown = false;
    repaint();
  });
};
