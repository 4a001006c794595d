// The pin wrapper that place and route needs: `TOP_pins`, five pins whatever the design has.

import { render } from '../../../util/render.ts';
import type { EmissionManifest } from '../../bundle.ts';

/** Text of `TOP_pins` for an emitted design. */
export const pinWrapper = ({ top, tool }: Pick<EmissionManifest, 'top' | 'tool'>): string => {
  const ports = top.ports.filter(({ name }) => name !== top.clock && name !== top.reset);
  const next = { in: 0, out: 0 };
  const connections = ports.map(({ name, direction, bits }, i) => {
    const low = next[direction];
    next[direction] += bits;
    const bus = direction === 'in' ? 'in_q' : 'out';
    const range = bits === 1 ? `[${low}]` : `[${low + bits - 1}:${low}]`;
    return { port: name, net: `${bus}${range}`, comma: i === ports.length - 1 ? '' : ',' };
  });
  return render('verilog/synth/pins.v.hbs', {
    top: top.module,
    tool,
    inLast: next.in - 1,
    inBelow: next.in - 2,
    outLast: next.out - 1,
    connections,
  });
};
