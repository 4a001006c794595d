// A progress line: redrawn in place on a terminal, a plain line every few seconds elsewhere (logs stay readable).

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  /** `fraction` 0..1 of the work is done; `text` says what it looks like now. */
  update(fraction: number, text?: string): void;
  /** Ends the line; `text` stays as its last word. */
  done(text?: string): void;
}

const REDRAW_MS = 100;
const LINE_MS = 5000;
const BAR = 20;

/** `[#####...............]` */
export const bar = (fraction: number, width: number): string => {
  const filled = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
};

const percent = (fraction: number): string =>
  `${Math.floor(Math.min(Math.max(fraction, 0), 1) * 100)} %`.padStart(5);

const terminalProgress = (label: string, stream: ProgressStream, now: () => number): Progress => {
  let drawn = -Infinity;
  const width = Math.max(20, (stream.columns || 80) - 1);
  const draw = (text: string): void => {
    stream.write(`\r${text.slice(0, width)}\x1b[K`);
  };
  return {
    update: (fraction, text = '') => {
      if (now() - drawn < REDRAW_MS) return;
      drawn = now();
      draw(`${label} ${bar(fraction, BAR)}${percent(fraction)} ${text}`);
    },
    done: (text = 'done') => {
      draw(`${label}: ${text}`);
      stream.write('\n');
    },
  };
};

const plainProgress = (label: string, stream: ProgressStream, now: () => number): Progress => {
  let written = now();
  return {
    update: (fraction, text = '') => {
      if (now() - written < LINE_MS) return;
      written = now();
      stream.write(`${label}${percent(fraction)} ${text}`.trimEnd().concat('\n'));
    },
    done: (text = 'done') => {
      stream.write(`${label}: ${text}\n`);
    },
  };
};

/** A progress line on `stream`. `now` is for tests: milliseconds. */
export const createProgress = (
  label: string,
  stream: ProgressStream,
  now: () => number = () => performance.now(),
): Progress => (stream.isTTY ? terminalProgress : plainProgress)(label, stream, now);

/** `42 s`, `3 min 5 s`, `1 h 2 min`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
};
