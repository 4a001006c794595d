// Numbers as people read them.

/** 0.98765 to `98.77 %`; never rounds up to 100 %. */
export const percent = (share: number, digits = 2): string => {
  const scale = 10 ** digits;
  const rounded = Math.round(share * 100 * scale) / scale;
  const shown = share < 1 && rounded === 100 ? 100 - 1 / scale : rounded;
  return `${shown.toFixed(digits)} %`;
};

/** 1234567 to `1,234,567`. */
export const thousands = (value: number): string => value.toLocaleString('en-US');

/** 1 to `1 adder`, 1234 to `1,234 adders`. */
export const counted = (count: number, noun: string): string =>
  `${thousands(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Seconds with one decimal below a minute's tenth: `0.4 s`, `12 s`. */
export const seconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;

const BLOCKS = '▁▂▃▄▅▆▇█';

/** `values` averaged into at most `width` blocks between their smallest and largest value; '' for none. */
export const sparkline = (values: readonly number[], width = 60): string => {
  const columns = Math.min(width, values.length);
  const means = Array.from({ length: columns }, (_, c) => {
    const part = values.slice(
      Math.floor((c * values.length) / columns),
      Math.floor(((c + 1) * values.length) / columns),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const level = (value: number): number =>
    high === low ? 0 : Math.round(((value - low) / (high - low)) * 7);
  return means.map((value) => BLOCKS[level(value)]).join('');
};

/** `text` broken at spaces into lines of at most `width` characters. */
export const wrap = (text: string, width = 80): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};
