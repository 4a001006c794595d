// Property: whatever the shape, folding, bit widths, alphabet, requantization and ROM style, Icarus and Verilator give
// the reference model's every code, logit and class, and the predicted cycles, with and without stalls.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildTestbench, runTestbench, type Simulator } from '../../src/synth/simulate.ts';
import { emitToFolder } from '../support/emitted.ts';
import { designRecipe, type LabelledRecipe } from '../support/recipes.ts';
import { haveTools } from '../support/tools.ts';

const FULL = process.env.BITSIM_FULL !== undefined;
const SEED = 20_261;

const checkDesign = async (recipe: LabelledRecipe, simulator: Simulator): Promise<void> => {
  const { folder, bundle } = emitToFolder(recipe);
  const built = await buildTestbench(folder, simulator);
  const { latency, initiationInterval } = bundle.manifest.plan;
  for (const stall of [true, false]) {
    const report = await runTestbench(built, { images: 6, stall, seed: recipe.seed });
    expect(report.reason, recipe.label).toBe(null);
    const hidden = bundle.manifest.plan.layers.slice(0, -1).reduce((sum, layer) => sum + layer.outputs, 0);
    expect(report.codes, recipe.label).toBe(6 * hidden);
    expect(report.logits, recipe.label).toBe(6 * recipe.network.classes.length);
    if (!stall && report.cycles?.interval) {
      expect(report.cycles, recipe.label).toEqual({ latency, interval: initiationInterval });
    }
  }
};

const runs: readonly [Simulator, number][] = [
  ['icarus', FULL ? 400 : 40],
  ['verilator', FULL ? 60 : 4],
];

test.for(runs)(
  `%s equals the reference on random designs (seed ${SEED})`,
  { timeout: 3_600_000 },
  async ([simulator, numRuns], { skip }) => {
    if (!(await haveTools(simulator === 'icarus' ? 'iverilog' : 'verilator'))) skip();
    await fc.assert(
      fc.asyncProperty(designRecipe, (recipe) => checkDesign(recipe, simulator)),
      { seed: SEED, numRuns, endOnFailure: true },
    );
  },
);
