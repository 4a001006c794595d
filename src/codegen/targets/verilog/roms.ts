// ROM modules and their images. Weight ROMs follow the chosen style; bias ROMs are small and always constants.
import { biasRom, type RomImage, thresholdRom, weightRom } from '../../../arch/folded/rom-image.ts';
import { render, type View } from '../../../util/render.ts';
import type { DataFile, RomStyle } from '../../bundle.ts';
import { describeDataFile, hexText, hexWord } from '../../data-file.ts';
import { addressBits, rangeOf } from '../../names.ts';
import type { Design, LayerDesign } from './design.ts';

export interface Rom {
  readonly layer: string;
  /** Identifier in the testbench. */
  readonly id: string;
  readonly module: string;
  readonly image: RomImage;
  readonly data: DataFile;
  readonly style: RomStyle;
}

const romPath = (module: string): string => `rtl/${module}.v`;

const weightRomOf = (design: LayerDesign, style: RomStyle): Rom => {
  const image = weightRom(design.layer, design.plan);
  const file = style === 'readmemh' ? `rom/${design.id}.hex` : romPath(design.romModule);
  const data = describeDataFile(file, image.words, image.width);
  return { layer: design.layer.name, id: design.id, module: design.romModule, image, data, style };
};

const biasRomOf = (design: LayerDesign): Rom[] => {
  if (design.layer.bias === null) return [];
  const image = biasRom(design.layer, design.plan, design.layer.bias);
  const data = describeDataFile(romPath(design.biasModule), image.words, image.width);
  return [
    {
      layer: design.layer.name,
      id: `${design.id}_bias`,
      module: design.biasModule,
      image,
      data,
      style: 'case',
    },
  ];
};

const thresholdRomOf = (design: LayerDesign, style: RomStyle): Rom[] => {
  const { layer, plan, lanes, thresholdModule: module } = design;
  if (layer.requantize.kind !== 'thresholds') return [];
  const image = thresholdRom(layer.requantize.thresholds, plan, lanes);
  const id = `${design.id}_thresholds`;
  const data = describeDataFile(
    style === 'readmemh' ? `rom/${id}.hex` : romPath(module),
    image.words,
    image.width,
  );
  return [{ layer: layer.name, id, module, image, data, style }];
};

/** Every ROM of the design, in layer order. */
export const romsOf = (design: Design, style: RomStyle): Rom[] =>
  design.layers.flatMap((layer) => [
    weightRomOf(layer, style),
    ...biasRomOf(layer),
    ...thresholdRomOf(layer, style),
  ]);

const kindOf = ({ id }: Rom): string => {
  if (id.endsWith('_thresholds')) return 'Threshold';
  return id.endsWith('_bias') ? 'Bias' : 'Weight';
};

const romView = (rom: Rom, tool: string): View => {
  const { words, width } = rom.image;
  const bits = addressBits(words.length);
  return {
    title: `${kindOf(rom)} ROM of layer ${rom.layer}`,
    tool,
    module: rom.module,
    file: rom.data.file,
    words: words.length,
    width,
    lastWord: words.length - 1,
    zero: `${width}'d0`,
    addrRange: rangeOf(bits),
    dataRange: rangeOf(width),
    entries:
      rom.style === 'readmemh'
        ? []
        : words.map((word, i) => ({ addr: `${bits}'d${i}`, data: `${width}'h${hexWord(word, width)}` })),
  };
};

/** Path and text of the files of one ROM: its module, and its image where it has one. */
export const romFiles = (rom: Rom, tool: string): [string, string][] => {
  const module: [string, string] = [
    romPath(rom.module),
    render(`verilog/folded/rom-${rom.style}.v.hbs`, romView(rom, tool)),
  ];
  if (rom.style === 'case') return [module];
  return [module, [rom.data.file, hexText(rom.image.words, rom.image.width)]];
};
