// What the page is showing: the net, the picture, its integers, the folding. Panels listen and draw.
import { type FoldingRequest, planFolded } from '../arch/folded/plan.ts';
import { type FrameTrace, traceFrame } from '../arch/folded/trace.ts';
import type { Network } from '../model/network.ts';
import type { HardwarePlan } from '../model/plan.ts';
import { compileEngine, type Engine, type EngineResult } from '../sim/engine/engine.ts';

export interface State {
  readonly network: Network;
  readonly engine: Engine;
  pixels: Uint8Array;
  result: EngineResult;
  /** Milliseconds that the engine took for it. */
  milliseconds: number;
  plan: HardwarePlan;
  /** Made when a panel asks for it, after the picture or the folding changed. */
  trace(): FrameTrace;
  /** Computes everything for another picture. */
  picture(pixels: Uint8Array): void;
  fold(request: FoldingRequest): void;
}

export const createState = (network: Network, onPicture: () => void, onFold: () => void): State => {
  const engine = compileEngine(network);
  const [height, width] = network.input.shape;
  const run = (pixels: Uint8Array) => {
    const began = performance.now();
    const result = engine.run(pixels, 1, 'accumulators');
    return { result, milliseconds: performance.now() - began };
  };
  const blank = new Uint8Array(height * width);
  let traced: FrameTrace | null = null;
  const state: State = {
    network,
    engine,
    pixels: blank,
    ...run(blank),
    plan: planFolded(network),
    trace: () => {
      traced ??= traceFrame(network, state.plan, state.pixels.slice());
      return traced;
    },
    picture: (pixels) => {
      state.pixels = pixels;
      Object.assign(state, run(pixels));
      traced = null;
      onPicture();
    },
    fold: (request) => {
      state.plan = planFolded(network, request);
      traced = null;
      onFold();
    },
  };
  return state;
};
