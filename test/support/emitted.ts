// Emits a design into a folder of its own under the system's temporary folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FoldingRequest } from '../../src/arch/folded/plan.ts';
import { planFolded } from '../../src/arch/folded/plan.ts';
import type { Bundle, RomStyle } from '../../src/codegen/bundle.ts';
import { emit } from '../../src/codegen/emit.ts';
import type { Network } from '../../src/model/network.ts';
import { randomVectors } from './networks.ts';

export interface DesignRecipe {
  readonly network: Network;
  readonly folding?: FoldingRequest;
  readonly rom?: RomStyle;
  readonly target?: string;
  readonly flows?: readonly string[];
  readonly images?: number;
  readonly seed?: number;
}

export const emitDesign = ({
  network,
  folding = {},
  rom = 'readmemh',
  target = 'verilog',
  flows,
  images = 4,
  seed = 1,
}: DesignRecipe): Bundle =>
  emit({
    network,
    plan: planFolded(network, folding),
    target,
    rom,
    flows,
    vectors: randomVectors(network, images, seed),
    toolVersion: '0.0.0-test',
  });

/** A temporary folder that goes when the test ends. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const writeBundle = (bundle: Bundle, folder: string): void => {
  for (const [path, text] of bundle.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
};

/** Emits into a fresh temporary folder. */
export const emitToFolder = (recipe: DesignRecipe): { folder: string; bundle: Bundle } => {
  const bundle = emitDesign(recipe);
  const folder = temporaryFolder();
  writeBundle(bundle, folder);
  return { folder, bundle };
};
