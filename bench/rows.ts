// The rows of docs/results.md: what is trained with which options, and the part it is synthesized for.

export interface Row {
  readonly name: string;
  readonly net: string;
  /** Weights, input and activation widths, in words. */
  readonly what: string;
  /** Needs the 60,000 + 10,000 images of --data. */
  readonly official: boolean;
  readonly train: readonly string[];
  /** Synthesized for this device; absent: accuracy only. */
  readonly device?: string;
  /** Folding of `emit`, when not the default. */
  readonly emit?: readonly string[];
}

const preset = (name: string): string[] => ['--preset', name];

/** In the order of the page. */
export const ROWS: readonly Row[] = [
  {
    name: 'default',
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: [],
    device: 'xc7a100t',
  },
  {
    name: 'long',
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('long'),
  },
  {
    name: 'small',
    net: '784-128-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('small'),
  },
  {
    name: 'tiny',
    net: '784-64-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('tiny'),
    device: 'hx8k',
  },
  {
    name: 'up5k',
    net: '196-128-128-112-10',
    what: 'u7 sums of 2×2 pixels, u8 codes',
    official: true,
    train: preset('up5k'),
    device: 'up5k',
  },
  {
    name: 'tiny-input',
    net: '784-1024-10',
    what: 'u1 input, u8 codes',
    official: true,
    train: preset('tiny-input'),
    device: 'xc7a100t',
  },
  {
    name: 'two-bit',
    net: '784-1024-10',
    what: 'u7 input, u2 codes by thresholds',
    official: true,
    train: preset('two-bit'),
  },
  {
    name: 'one-bit',
    net: '784-1024-10',
    what: 'u1 input, u1 codes by thresholds',
    official: true,
    train: preset('one-bit'),
  },
  {
    name: 'binary',
    net: '784-1024-10',
    what: 'binary weights, u7 input, u8 codes',
    official: true,
    train: preset('binary'),
    device: 'xc7a100t',
  },
  {
    name: 'dynamic',
    net: '784-1024-10',
    what: 'u7 input, u8 codes, dynamic shift',
    official: true,
    train: preset('dynamic'),
    device: 'xc7a100t',
  },
  {
    name: 'deep',
    net: '784-256-128-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('deep'),
    device: 'xc7a100t',
  },
  {
    name: 'embedded',
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: false,
    train: [],
  },
  {
    name: 'demo',
    net: '784-64-10',
    what: 'u7 input, u8 codes',
    official: false,
    train: preset('demo'),
    device: 'up5k',
  },
];
