// The rows of docs/results.md: what is trained with which options, and the part it is synthesized for.

export interface Row {
  readonly name: string;
  readonly net: string;
  /** Weights, input and activation widths, in words. */
  readonly what: string;
  /** The net in README's table: what sets it apart. */
  readonly brief: string;
  /** Whether `name` is a preset. */
  readonly preset: boolean;
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
    brief: '784-1024-10',
    preset: true,
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: [],
    device: 'xc7a100t',
  },
  {
    name: 'long',
    brief: '784-1024-10, 120 epochs',
    preset: true,
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('long'),
    device: 'xc7a100t',
  },
  {
    name: 'small',
    brief: '784-128-10',
    preset: true,
    net: '784-128-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('small'),
    device: 'xc7a100t',
  },
  {
    name: 'tiny',
    brief: '784-64-10',
    preset: true,
    net: '784-64-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('tiny'),
    device: 'hx8k',
  },
  {
    name: 'up5k',
    brief: '196-128-128-112-10 on 2×2 pixel sums',
    preset: true,
    net: '196-128-128-112-10',
    what: 'u7 sums of 2×2 pixels, u8 codes',
    official: true,
    train: preset('up5k'),
    device: 'up5k',
  },
  {
    name: 'tiny-input',
    brief: '784-1024-10, black-and-white input',
    preset: true,
    net: '784-1024-10',
    what: 'u1 input, u8 codes',
    official: true,
    train: preset('tiny-input'),
    device: 'xc7a100t',
  },
  {
    name: 'two-bit',
    brief: '784-1024-10, 2-bit codes',
    preset: true,
    net: '784-1024-10',
    what: 'u7 input, u2 codes by thresholds',
    official: true,
    train: preset('two-bit'),
    device: 'xc7a100t',
  },
  {
    name: 'one-bit',
    brief: '784-1024-10, 1-bit input and codes',
    preset: true,
    net: '784-1024-10',
    what: 'u1 input, u1 codes by thresholds',
    official: true,
    train: preset('one-bit'),
    device: 'xc7a100t',
  },
  {
    name: 'binary',
    brief: '784-1024-10, weights ±1',
    preset: true,
    net: '784-1024-10',
    what: 'binary weights, u7 input, u8 codes',
    official: true,
    train: preset('binary'),
    device: 'xc7a100t',
  },
  {
    name: 'dynamic',
    brief: '784-1024-10, dynamic shift',
    preset: true,
    net: '784-1024-10',
    what: 'u7 input, u8 codes, dynamic shift',
    official: true,
    train: preset('dynamic'),
    device: 'xc7a100t',
  },
  {
    name: 'deep',
    brief: '784-256-128-10',
    preset: true,
    net: '784-256-128-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('deep'),
    device: 'xc7a100t',
  },
  {
    name: 'embedded',
    brief: '784-1024-10, embedded digits',
    preset: false,
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: false,
    train: [],
  },
  {
    name: 'demo',
    brief: '784-64-10, embedded digits',
    preset: true,
    net: '784-64-10',
    what: 'u7 input, u8 codes',
    official: false,
    train: preset('demo'),
    device: 'up5k',
  },
];
