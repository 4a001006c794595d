// View of the self-checking testbench: sizes, checksums and one monitor per hidden layer.

import { render, type View } from '../../../util/render.ts';
import { chunksOf } from '../../data-file.ts';
import { addressBits, rangeOf } from '../../names.ts';
import type { Design, LayerDesign } from './design.ts';
import type { Rom } from './roms.ts';
import type { VectorStream } from './vectors.ts';

const streamView = ({ id, words, width, data }: VectorStream): View => ({
  id,
  file: data.file,
  words: words.length,
  lastWord: words.length - 1,
  range: rangeOf(width),
  chunks: chunksOf(width),
  checksum: data.checksum,
});

const romView = ({ id, module, image, data }: Rom, maxBits: number): View => ({
  id,
  module,
  source: data.file,
  words: image.words.length,
  addrRange: rangeOf(addressBits(image.words.length)),
  dataRange: rangeOf(image.width),
  chunks: chunksOf(image.width),
  padding: `{${maxBits - image.width}{1'b0}}`,
  checksum: data.checksum,
});

const monitorView = ({ id, layer, plan, lanes, outBits }: LayerDesign): View => ({
  id,
  name: layer.name,
  range: rangeOf(lanes * outBits),
  beats: plan.outputs / lanes,
  lastBeat: plan.outputs / lanes - 1,
  laneCount: lanes,
  lanes: Array.from({ length: lanes }, (_, index) => ({
    index,
    slice: `[${(index + 1) * outBits - 1}:${index * outBits}]`,
  })),
});

/** tb/tb.v */
export const testbench = (design: Design, roms: readonly Rom[], streams: readonly VectorStream[]): string => {
  const widest = Math.max(...roms.map((rom) => rom.image.width), ...streams.map((stream) => stream.width));
  const maxBits = chunksOf(widest) * 32 + 32;
  return render('verilog/tb/tb.v.hbs', {
    top: design.top,
    tool: design.tool,
    images: streams[0]!.words.length / design.inBeats,
    inBeats: design.inBeats,
    outBeats: design.classes + 1,
    latency: design.plan.latency,
    interval: design.plan.initiationInterval,
    steadyFrom: design.plan.steadyFrom,
    pixelRange: rangeOf(design.inLanes * design.pixelBits),
    maxBits,
    romCycles: Math.max(...roms.map((rom) => rom.image.words.length)) + 2,
    lastName: design.layers.at(-1)!.layer.name,
    streams: streams.map(streamView),
    roms: roms.map((rom) => romView(rom, maxBits)),
    monitors: design.layers.slice(0, -1).map(monitorView),
  });
};
