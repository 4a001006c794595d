// The public API: re-exports only. Reading, evaluating, planning and emitting a Network need no tfjs; the training
// exports load it, so a program that only emits pays for it once at import.

export { type FoldingRequest, planFolded } from './arch/folded/plan.ts';
export type { Schedule, StreamSchedule, UnitSchedule } from './arch/folded/schedule.ts';
export {
  type Addition,
  type FoldEnd,
  type FrameTrace,
  type FrameValues,
  type LayerCycle,
  type LayerValues,
  traceFrame,
  traceFrames,
} from './arch/folded/trace.ts';
export type { Bundle, EmissionManifest, EmitRequest, RomStyle } from './codegen/bundle.ts';
export { emit, targetNames } from './codegen/emit.ts';
export { loadDataset } from './data/index.ts';
export { type Alu, createAlu, type OperationCounts } from './layers/alu.ts';
export { inputCodes } from './layers/input-codes.ts';
export { parseNetwork, readNetwork, validateNetwork } from './layers/validate.ts';
export { readCheckpoint, writeCheckpoint } from './model/checkpoint.ts';
export { type Dataset, type LabelledImages, pixelsOf, selectImages } from './model/dataset.ts';
export { type ClassificationMetrics, type ClassMetrics, classificationMetrics } from './model/metrics.ts';
export {
  type ArgmaxLayer,
  type DenseLayer,
  denseLayers,
  type InputSpec,
  inputsOf,
  type Layer,
  type Network,
  outputFormatOf,
  outputsOf,
  type Provenance,
  type RequantSpec,
  type Thresholds,
} from './model/network.ts';
export { printNetwork } from './model/network-file.ts';
export type { DensePlan, HardwarePlan } from './model/plan.ts';
export type { Comparison, ImageTrace, LayerTrace, Mismatch, OperationTotals } from './model/trace.ts';
export type { BackendName, Checkpoint, EpochRecord, LayerState, TrainOptions } from './model/training.ts';
export type { GoldenVector } from './model/vectors.ts';
export { formatName, maxOf, minOf, type NumberFormat, signed, unsigned } from './num/format.ts';
export { type Alphabet, type Trit, type TritMatrix, zeroShare } from './num/trit.ts';
export { lowerCheckpoint } from './quant/lower.ts';
export { type ComparisonBuilder, createComparison, describeMismatch } from './sim/compare.ts';
export { goldenVectors, stratifiedIndices } from './sim/golden.ts';
export { evaluate } from './sim/reference.ts';
export { evaluateSet, type SetListeners, type SetResult } from './sim/simulate.ts';
export { type SimulationReport, type SimulationRequest, type Simulator, simulate } from './synth/simulate.ts';
export { findTool, type Tool, type ToolName } from './synth/tools.ts';
export { type SelectedBackend, selectBackend } from './train/backend.ts';
export { evaluateGraph, type GraphImage } from './train/graph.ts';
export { DEFAULTS, PRESETS, type Preset, resolveOptions } from './train/options.ts';
export { type TrainProgress, type TrainRequest, train } from './train/train.ts';
export { ExitCode, ToolMissingError, UserError } from './util/errors.ts';
