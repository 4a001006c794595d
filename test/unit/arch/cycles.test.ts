// The control model settles: what the plan calls the interval is the interval of every later frame.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { completionCycles } from '../../../src/arch/folded/cycles.ts';
import { divisorsOf } from '../../../src/arch/folded/folding.ts';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import { randomNetwork } from '../../support/networks.ts';

const SEED = 7;

const sizes = fc.array(fc.constantFrom(1, 2, 3, 4, 6, 8, 12), { minLength: 1, maxLength: 4 });

test(`intervals stay constant from steadyFrom on (seed ${SEED})`, () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.boolean(), (outputs, pick, dynamic) => {
      const network = randomNetwork(
        {
          shape: [3, 4],
          outputs,
          inputBits: 2,
          actBits: 2,
          alphabet: 'ternary',
          shift: dynamic ? 'dynamic' : 1,
          bias: false,
        },
        1,
      );
      const choose = (n: number, salt: number): number =>
        divisorsOf(n)[(pick + salt * 7919) % divisorsOf(n).length]!;
      const inputs = [12, ...outputs];
      const plan = planFolded(network, {
        pe: outputs.map(choose),
        simd: outputs.map((_, i) => choose(inputs[i]!, i + 3)),
      });
      const done = completionCycles(network, plan.layers, 40);
      expect(done[0]).toBe(plan.latency);
      for (let i = plan.steadyFrom; i < done.length; i++) {
        expect(done[i]! - done[i - 1]!).toBe(plan.initiationInterval);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});
