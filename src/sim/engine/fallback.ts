// Without SIMD: one image after the other, by lists of the inputs that are added and subtracted. Exact because every sum
// is an integer below 2^24.

import { pixelCount } from '../../layers/input.ts';
import { denseLayers, type Network } from '../../model/network.ts';
import { evaluate } from '../reference.ts';
import type { Engine } from './engine.ts';
import { allocate, checkPixels } from './results.ts';

/** The engine in plain JavaScript: the reference model itself. */
export const compileFallback = (network: Network): Engine => {
  const size = pixelCount(network.input);
  const names = denseLayers(network).map(({ name }) => name);
  return {
    kind: 'javascript',
    network,
    explain: [`no WebAssembly SIMD: the reference model evaluates ${names.join(', ')}, one image at a time`],
    run: (pixels, count, detail = 'logits') => {
      checkPixels(network, pixels, count);
      const result = allocate(network, count, detail);
      const classes = new Uint16Array(count);
      for (let i = 0; i < count; i++) {
        const trace = evaluate(network, pixels.subarray(i * size, (i + 1) * size));
        classes[i] = trace.class;
        result.logits.set(trace.logits, i * trace.logits.length);
        result.codes.forEach((codes, layer) => {
          codes.set(trace.layers[layer]!.codes, i * trace.layers[layer]!.codes.length);
        });
        result.accumulators.forEach((accumulators, layer) => {
          const values = trace.layers[layer]!.accumulators;
          accumulators.set(values, i * values.length);
        });
      }
      return { ...result, classes };
    },
  };
};
