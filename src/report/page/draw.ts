// Vega-Lite specifications as SVG. Colours are CSS variables with fallbacks, so that the page's light and dark themes reach into
// the figures and a figure alone is still drawn.
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

export const INK = 'var(--ink, #1b1f24)';
export const MUTED = 'var(--muted, #667085)';
export const LINE = 'var(--line, #d0d7de)';
export const PAPER = 'var(--paper, #ffffff)';
/** For what is right, added, or the first of two; and for the other. */
export const FIRST = 'var(--first, #1769aa)';
export const SECOND = 'var(--second, #c2410c)';

const CONFIG: TopLevelSpec['config'] = {
  background: null as unknown as string,
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: INK,
    labelFontSize: 12,
    titleColor: MUTED,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    domainColor: LINE,
    tickColor: LINE,
    gridColor: LINE,
    gridOpacity: 0.6,
  },
  legend: { labelColor: INK, labelFontSize: 12, titleColor: MUTED, titleFontWeight: 'normal' },
  header: { labelColor: INK, labelFontSize: 12, titleColor: MUTED },
  range: { category: [FIRST, SECOND, MUTED] },
};

/** A chart: the specification (with its data) and what it shows in words. */
export interface Figure {
  readonly name: string;
  /** What a reader who does not see the picture should know. */
  readonly description: string;
  readonly spec: TopLevelSpec;
}

/** The figure as one `<svg>` element. */
export const drawFigure = async ({ spec, description }: Figure): Promise<string> => {
  const described = { ...spec, description, config: CONFIG } as TopLevelSpec;
  const view = new View(parse(compile(described).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
};
