// A trace as waveform of the emitted design: under `tb.u_dut` the names and widths of the RTL, so that its dump and a
// simulator's can lie side by side; under `bitsim` what the RTL has no name for. Data of a stream is unknown (x) where
// the stream is not valid: the design promises nothing there.

import { romAddress } from '../../../arch/folded/packing.ts';
import { sumBits } from '../../../arch/folded/plan.ts';
import { type StreamSchedule, streamOf } from '../../../arch/folded/schedule.ts';
import type { StreamKind } from '../../../arch/folded/stages.ts';
import { type FrameTrace, type FrameValues, registersAt, stepAt } from '../../../arch/folded/trace.ts';
import { addressBits } from '../../names.ts';
import { digits, UNKNOWN, type VcdSignal, vcdText, type Window } from '../../vcd.ts';
import { createDesign, type Design, type LayerDesign } from './design.ts';

const DUT = ['tb', 'u_dut'];

/** `f`, made once for calls in a row with the same cycle. */
const once = <T>(f: (cycle: number) => T): ((cycle: number) => T) => {
  let [at, value] = [-1, undefined as T | undefined];
  return (cycle) => {
    if (cycle !== at || value === undefined) value = f(cycle);
    at = cycle;
    return value;
  };
};

interface Payload {
  readonly lanes: number;
  readonly bits: number;
  /** All values of a frame, in the order in which they go over the stream. */
  values(frame: FrameValues): ArrayLike<number>;
}

const packed = (values: ArrayLike<number>, from: number, { lanes, bits }: Payload): string => {
  let text = '';
  for (let lane = lanes - 1; lane >= 0; lane--) text += digits(values[from + lane]!, bits);
  return text;
};

interface StreamNames {
  readonly valid: string;
  readonly ready: string;
  readonly data: string;
  readonly last?: string;
}

/** valid, ready, data and perhaps last of one stream, for every frame of the trace. */
const streamSignals = (
  trace: FrameTrace,
  stream: StreamSchedule,
  names: StreamNames,
  payload: Payload,
): VcdSignal[] => {
  const frames = trace.frames.map((frame) => payload.values(frame));
  const each = frames[0]!.length / payload.lanes;
  const signal = (name: string, bits: number, at: VcdSignal['at']) => ({ scope: DUT, name, bits, at });
  const whenValid = (cycle: number, value: (beat: number) => string): string =>
    stream.valid[cycle] === 1 ? value(stream.beats[cycle]!) : UNKNOWN;
  const word = (beat: number): string =>
    packed(frames[Math.floor(beat / each)]!, (beat % each) * payload.lanes, payload);
  const end = (beat: number): string => (beat % each === each - 1 ? '1' : '0');
  return [
    signal(names.valid, 1, (cycle) => `${stream.valid[cycle]}`),
    signal(names.ready, 1, (cycle) => `${stream.ready[cycle]}`),
    signal(names.data, payload.lanes * payload.bits, (cycle) => whenValid(cycle, word)),
    ...(names.last === undefined ? [] : [signal(names.last, 1, (cycle) => whenValid(cycle, end))]),
  ];
};

const named = (prefix: string): StreamNames => ({
  valid: `${prefix}_valid`,
  ready: `${prefix}_ready`,
  data: `${prefix}_data`,
});

const axis = (prefix: string): StreamNames => ({
  valid: `${prefix}_tvalid`,
  ready: `${prefix}_tready`,
  data: `${prefix}_tdata`,
  last: `${prefix}_tlast`,
});

/** The streams at both ends, and between pixels and the first layer. */
const outerSignals = (trace: FrameTrace, design: Design): VcdSignal[] => {
  const { schedule, network } = trace;
  const source = streamOf(schedule, 'source', 0);
  const pixels: Payload = { lanes: design.inLanes, bits: design.pixelBits, values: (frame) => frame.pixels };
  const codes: Payload = { lanes: 1, bits: network.input.code.bits, values: (frame) => frame.inputCodes };
  const results: Payload = { lanes: 1, bits: 32, values: (frame) => [...frame.logits, frame.class] };
  const between = design.plain
    ? []
    : [
        ...streamSignals(trace, source, named('pixel'), pixels),
        ...streamSignals(trace, streamOf(schedule, 'input', 0), named('input'), codes),
      ];
  const out = streamOf(schedule, 'out', design.layers.length - 1);
  return [
    ...streamSignals(trace, source, axis('s_axis'), pixels),
    ...streamSignals(trace, out, axis('m_axis'), results),
    ...between,
  ];
};

/** Input word, ROM address, results, accumulators in turn, codes. */
const layerSignals = (trace: FrameTrace, design: LayerDesign, index: number): VcdSignal[] => {
  const { id, plan, layer, lanes, outBits } = design;
  const bits = plan.accumulator.bits;
  const { reads } = trace.schedule.units[index]!;
  const results = ({ layers }: FrameValues) => layers[index]!.totals.subarray(-plan.outputs);
  const stream = (kind: StreamKind, payload: Payload) =>
    streamSignals(trace, streamOf(trace.schedule, kind, index), named(`${id}_${kind}`), payload);
  const address = addressBits(plan.rom.words);
  return [
    ...stream('in', { lanes: plan.simd, bits: layer.input.bits, values: (f) => f.layers[index]!.inputs }),
    {
      scope: DUT,
      name: `${id}_rom_addr`,
      bits: address,
      // a step that reads nothing may stand one past the last word
      at: (cycle) => digits(romAddress(plan.rom, reads[cycle]! % plan.cycles) % 2 ** address, address),
    },
    ...stream('sums', { lanes: plan.pe, bits, values: results }),
    ...stream('acc', { lanes, bits, values: results }),
    ...(outBits === 0 ? [] : stream('code', { lanes, bits: outBits, values: (f) => f.layers[index]!.codes })),
  ];
};

const accumulatorSignals = (trace: FrameTrace, { id, plan, layer }: LayerDesign, index: number) => {
  const { adds } = trace.schedule.units[index]!;
  const values = trace.frames.map(({ layers }) => layers[index]!);
  const registers = once((cycle) => registersAt(layer, plan, values, adds[cycle]!));
  const { bits } = plan.accumulator;
  return Array.from({ length: plan.pe }, (_, p): VcdSignal => {
    const scope = [...DUT, `u_${id}`, 'u_accumulate', `gen_pe[${p}]`];
    return { scope, name: 'acc_q', bits, at: (cycle) => digits(registers(cycle)[p]!, bits) };
  });
};

/** What the accumulators add in each cycle: neuron fold, synapse fold, and the selected sum of each PE. */
const additionSignals = (trace: FrameTrace, { id, plan, layer }: LayerDesign, index: number): VcdSignal[] => {
  const { adds } = trace.schedule.units[index]!;
  const scope = ['bitsim', id];
  const whileAdding = (cycle: number, value: (step: number) => string): string =>
    adds[cycle + 1]! > adds[cycle]! ? value(adds[cycle]!) : UNKNOWN;
  const fold = (name: string, bits: number, pick: 'neuronFold' | 'synapseFold'): VcdSignal => {
    const at = (cycle: number) => whileAdding(cycle, (step) => digits(stepAt(layer, plan, step)[pick], bits));
    return { scope, name, bits, at };
  };
  const bits = sumBits(layer.input.bits, plan.simd);
  const added = once((cycle) => trace.cycle(index, cycle).add!.sums);
  const sums = Array.from({ length: plan.pe }, (_, p): VcdSignal => {
    const at = (cycle: number) => whileAdding(cycle, () => digits(added(cycle)[p]!, bits));
    return { scope, name: `sum_${p}`, bits, at };
  });
  return [
    { scope, name: 'adds', bits: 1, at: (cycle) => `${adds[cycle + 1]! - adds[cycle]!}` },
    fold('neuron_fold', addressBits(plan.neuronFold), 'neuronFold'),
    fold('synapse_fold', addressBits(plan.synapseFold), 'synapseFold'),
    ...sums,
  ];
};

/** The VCD of `window`: every stream, ROM address, accumulator and selection of every layer. */
export const traceWaves = (trace: FrameTrace, window: Window): string => {
  const design = createDesign(trace.network, trace.plan, '');
  const signals = [
    ...outerSignals(trace, design),
    ...design.layers.flatMap((layer, i) => layerSignals(trace, layer, i)),
    ...design.layers.flatMap((layer, i) => accumulatorSignals(trace, layer, i)),
    ...design.layers.flatMap((layer, i) => additionSignals(trace, layer, i)),
  ];
  return vcdText(signals, { scope: DUT, name: 'aclk' }, window);
};
