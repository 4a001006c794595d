// The streams of emitted designs under a protocol checker: random stalls, frames back to back, tlast early and late, reset in
// the middle of frames. What is not offered is driven unknown, so that nothing may look at it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emitToFolder } from '../support/emitted.ts';
import { randomNetwork } from '../support/networks.ts';
import { PASS, play } from '../support/protocol.ts';
import { designRecipe, type LabelledRecipe } from '../support/recipes.ts';
import { haveTools } from '../support/tools.ts';

const FULL = process.env.BITSIM_FULL !== undefined;
const SEED = 4_711;
test(`random designs keep the protocol (seed ${SEED})`, { timeout: 3_600_000 }, async ({ skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  const check = async (recipe: LabelledRecipe): Promise<void> => {
    const { folder, bundle } = emitToFolder(recipe);
    expect(
      await play({ folder, bundle, network: recipe.network, seed: recipe.seed ?? 1 }),
      recipe.label,
    ).toMatch(PASS);
  };
  await fc.assert(fc.asyncProperty(designRecipe, check), {
    seed: SEED,
    numRuns: FULL ? 250 : 25,
    endOnFailure: true,
  });
});

describe('what breaks the protocol is found', () => {
  const network = randomNetwork(
    {
      shape: [4, 4],
      outputs: [6, 4],
      inputBits: 7,
      actBits: 8,
      alphabet: 'ternary',
      shift: 2,
      bias: true,
    },
    11,
  );
  const FAULTS: readonly (readonly [name: string, file: string, from: string, to: string, found: RegExp])[] =
    [
      [
        'valid that waits for ready',
        'bitsim_argmax',
        'assign out_valid_o = out_valid_q;',
        'assign out_valid_o = out_valid_q & out_ready_i;',
        /hangs on ready/,
      ],
      [
        'a beat that is taken back',
        'bitsim_argmax',
        'wire slot   = ~out_valid_q | out_ready_i;',
        'wire slot   = 1;',
        /taken back|changed|nothing moves|is [0-9a-f]+ [01], not/,
      ],
      [
        'data that changes while it waits',
        'bitsim_argmax',
        'out_last_q ? class_wide : logit_wide;',
        "(out_last_q ? class_wide : logit_wide) ^ {31'd0, out_ready_i};",
        /a waiting beat changed/,
      ],
      [
        'valid in reset',
        'bitsim_argmax',
        "      out_valid_q <= 1'b0;\n",
        "      out_valid_q <= 1'b1;\n",
        /offered in reset/,
      ],
      [
        'surplus beats that are not dropped',
        'bitsim_frame_guard',
        "drop_q <= 1'b1;",
        "drop_q <= 1'b0;",
        /frame errors, not|nothing moves|more comes out|is [0-9a-f]+ [01], not/,
      ],
      [
        'a short frame that is not filled up',
        'bitsim_frame_guard',
        "fill_q <= 1'b1;",
        "fill_q <= 1'b0;",
        /frame errors, not|nothing moves|is [0-9a-fx]+ [01x], not/,
      ],
      [
        'an error that is not reported',
        'bitsim_frame_guard',
        'assign error_o     = early | late;',
        'assign error_o     = early;',
        /frame errors, not/,
      ],
      [
        'a count that survives reset',
        'bitsim_frame_guard',
        "count_q <= {CountBits{1'b0}};\n      fill_q",
        'fill_q',
        /unknown|frame errors, not|nothing moves|is [0-9a-fx]+ [01x], not/,
      ],
    ];

  test('the design itself passes', async ({ skip }) => {
    if (!(await haveTools('iverilog'))) skip();
    const { folder, bundle } = emitToFolder({ network, folding: { pe: [2, 1], simd: [2, 1] } });
    expect(await play({ folder, bundle, network, seed: 3 })).toMatch(PASS);
  });

  test.for(FAULTS)('%s', async ([, file, from, to, found], { skip }) => {
    if (!(await haveTools('iverilog'))) skip();
    const { folder, bundle } = emitToFolder({ network, folding: { pe: [2, 1], simd: [2, 1] } });
    const path = join(folder, `rtl/${file}.v`);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
    const said = await play({ folder, bundle, network, seed: 3 });
    expect(said).not.toMatch(PASS);
    expect(said).toMatch(found);
  });
});
