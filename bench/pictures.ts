// The pictures of the docs: a neuron's netlist (Yosys, netlistsvg), the AXI4-Stream handshake of an emitted design (Icarus,
// WaveDrom), the page (Chromium). netlistsvg and wavedrom-cli are fetched by npx when they are needed, and only here.
//   npx tsx bench/pictures.ts [RUN]          RUN: whose page is shown, out/demo of `bitsim demo` unless named
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { planFolded } from '../src/arch/folded/plan.ts';
import { listen, siteOf, siteServer } from '../src/cli/serve-run.ts';
import { createTerminal } from '../src/cli/terminal.ts';
import { emit } from '../src/codegen/emit.ts';
import { buildTestbench, runTestbench } from '../src/synth/simulate.ts';
import { openPage, startBrowser } from '../test/support/browser.ts';
import { randomNetwork, randomVectors } from '../test/support/networks.ts';
import { sampleWaves } from '../test/support/waves.ts';

const IMAGES = resolve('docs/images');
const NETLISTSVG = 'netlistsvg@1.0.2';
const WAVEDROM = 'wavedrom-cli@3.2.0';

/** Pages are light or dark; these drawings are black. */
const onWhite = (svg: string): string => svg.replace(/<svg ([^>]*)>/, '<svg $1 style="background: #fff">');

/** One PE with two lanes: the emitted selection and tree, and the accumulator that a unit puts behind it. */
const NEURON = `module neuron (
  input wire clk, input wire first, input wire [3:0] trits, input wire [5:0] x, output reg [9:0] acc
);
  wire [4:0] sum;
  wire       carry;
  bitsim_select_add #(.Simd(2), .InBits(3), .CodeBits(2), .SumBits(5)) u (
    .codes_i(trits), .data_i(x), .sum_o(sum), .carry_o(carry)
  );
  wire [9:0]  from  = first ? 10'd0 : acc;
  wire [10:0] total = {from, 1'b1} + {{5{sum[4]}}, sum, carry};
  always @(posedge clk) acc <= total[10:1];
endmodule
`;

const netlist = (folder: string): void => {
  writeFileSync(join(folder, 'neuron.v'), NEURON);
  // Yosys names cells by the file they are from
  const library = 'bitsim_select_add.v';
  copyFileSync(`templates/verilog/lib/${library}`, join(folder, library));
  const passes = 'proc; flatten; opt_expr; opt_clean -purge; write_json neuron.json';
  execFileSync('yosys', ['-q', '-p', `read_verilog ${library} neuron.v; hierarchy -top neuron; ${passes}`], {
    cwd: folder,
  });
  execFileSync('npx', ['--yes', NETLISTSVG, 'neuron.json', '-o', 'neuron.svg'], { cwd: folder });
  writeFileSync(join(IMAGES, 'neuron.svg'), onWhite(readFileSync(join(folder, 'neuron.svg'), 'utf8')));
};

/** Pixels as they are, logits with their sign. */
const unsigned = (word: string): string => String(Number.parseInt(word, 2));
const signed = (word: string): string => String(Number.parseInt(word, 2) | 0).replace('-', '−');

/** WaveDrom's wave of single bits, and of words with their text. */
const bits = (values: readonly string[]): string =>
  values.map((value, i) => (i > 0 && value === values[i - 1] ? '.' : value)).join('');
const wordWave = (values: readonly string[], shown: readonly boolean[], spoken: (bits: string) => string) => {
  const changes = values.map((value, i) => i === 0 || value !== values[i - 1] || shown[i] !== shown[i - 1]);
  return {
    wave: values.map((_, i) => (changes[i] ? (shown[i] ? '=' : 'x') : '.')).join(''),
    data: values.filter((_, i) => changes[i] && shown[i]).map(spoken),
  };
};

const handshake = async (folder: string): Promise<void> => {
  const network = randomNetwork(
    { shape: [3, 4], outputs: [4, 3], inputBits: 8, actBits: 4, alphabet: 'ternary', shift: 4, bias: false },
    5,
  );
  const plan = planFolded(network, { pe: [2, 1], simd: [1, 1] });
  const vectors = randomVectors(network, 4, 1);
  const bundle = emit({ network, plan, target: 'verilog', rom: 'readmemh', vectors, toolVersion: '0.0.0' });
  for (const [path, text] of bundle.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const built = await buildTestbench(folder, 'icarus');
  await runTestbench(built, { images: 4, stall: true, plusargs: ['+vcd=1', '+from=0', '+to=4000'] });
  const waves = sampleWaves(readFileSync(join(folder, 'build/tb.vcd'), 'utf8'), 'tb.aclk', (name) =>
    /^tb\.[sm]_axis_t(valid|ready|last|data)$/.test(name),
  );
  const values = (name: string): readonly string[] => waves.signals.get(`tb.${name}`)!;
  // the first frames are the darkest and the brightest
  const endOf = (side: string): number =>
    values(`${side}_axis_tlast`).findLastIndex(
      (last, i) =>
        last === '1' && values(`${side}_axis_tvalid`)[i] === '1' && values(`${side}_axis_tready`)[i] === '1',
    );
  const group = (side: string, title: string, spoken: (word: string) => string) => {
    const end = endOf(side) + 2;
    const cut = (name: string): readonly string[] => values(`${side}_axis_${name}`).slice(end - 16, end);
    const [valid, ready] = [cut('tvalid'), cut('tready')];
    return [
      title,
      { name: 'aclk', wave: `p${'.'.repeat(15)}` },
      { name: 'tvalid', wave: bits(valid) },
      { name: 'tready', wave: bits(ready) },
      { name: 'tlast', wave: bits(cut('tlast')) },
      {
        name: 'tdata',
        ...wordWave(
          cut('tdata'),
          valid.map((bit) => bit === '1'),
          spoken,
        ),
      },
      { name: 'a beat', wave: bits(valid.map((bit, i) => (bit === '1' && ready[i] === '1' ? '1' : '0'))) },
    ];
  };
  const picture = {
    signal: [group('s', 's_axis', unsigned), {}, group('m', 'm_axis', signed)],
    head: { text: 'End of a frame of 12 pixels, and its 3 logits and class; both sides stall at random' },
    config: { hscale: 1 },
  };
  writeFileSync(join(folder, 'wave.json'), JSON.stringify(picture));
  const svg = execFileSync('npx', ['--yes', WAVEDROM, '-i', 'wave.json'], { cwd: folder, encoding: 'utf8' });
  writeFileSync(join(IMAGES, 'handshake.svg'), onWhite(svg));
};

const page = async (run: string): Promise<void> => {
  const terminal = createTerminal(false, { out: process.stderr, err: process.stderr, env: process.env });
  const { site } = siteOf({ run }, { terminal });
  const server = siteServer(site, '127.0.0.1');
  const address = await listen(server, 0, '127.0.0.1');
  const browser = await startBrowser();
  const { page: tab } = await openPage(browser, { width: 1180, height: 1180 });
  await tab.goto(address);
  await tab.waitForSelector('html[data-ready]');
  await tab.selectOption('#sample', { index: 4 });
  for (let i = 0; i < 9; i++) await tab.click('#step-ink');
  await tab.evaluate('scrollTo(0, 0)');
  await tab.screenshot({ path: join(IMAGES, 'page.png') });
  await browser.close();
  server.close();
};

const folder = mkdtempSync(join(tmpdir(), 'bitsim-bench-'));
mkdirSync(IMAGES, { recursive: true });
netlist(folder);
await handshake(folder);
await page(process.argv[2] ?? 'out/demo');
rmSync(folder, { recursive: true, force: true });
