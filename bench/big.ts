// The large net, 784-1024-10, at several foldings through Yosys for Xilinx 7, UltraScale+ and ECP5: cells, and what Yosys itself takes.
// Keeps what it found in bench/results/big.json and bench/results.ts makes a table of docs/results.md of it.
//   npx tsx bench/big.ts RUN
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planFolded } from '../src/arch/folded/plan.ts';
import { writeFolder } from '../src/cli/emitted-folder.ts';
import { emit } from '../src/codegen/emit.ts';
import { readNetwork } from '../src/layers/validate.ts';
import { parseCells } from '../src/report/cells.ts';
import { DEVICES } from '../src/synth/devices.ts';
import { randomVectors } from '../test/support/networks.ts';

const FILE = 'bench/results/big.json';

const FOLDINGS = [
  { pe: [8, 1], simd: [8, 1] },
  { pe: [16, 2], simd: [16, 2] },
  { pe: [32, 2], simd: [28, 4] },
] as const;
const FAMILIES = ['xc7a100t', 'xczu3eg', 'ecp5-25k'] as const;

export interface BigRow {
  readonly device: string;
  readonly folding: string;
  readonly interval: number;
  readonly luts: number;
  readonly flipFlops: number;
  readonly blockRams: number;
  readonly dsps: number;
  readonly seconds: number;
  readonly megabytes: number;
  readonly yosys: string;
}

const known = (): BigRow[] => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as BigRow[]) : []);

const network = readNetwork(join(process.argv[2]!, 'network.json'));

const measure = (name: string, { pe, simd }: (typeof FOLDINGS)[number]): BigRow => {
  const device = DEVICES.find((candidate) => candidate.name === name)!;
  const plan = planFolded(network, { pe, simd });
  const vectors = randomVectors(network, 1, 1);
  const bundle = emit({
    network,
    plan,
    target: 'verilog',
    rom: 'readmemh',
    vectors,
    toolVersion: '0.0.0-bench',
  });
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-bench-'));
  try {
    writeFolder(folder, bundle.files);
    const read = readFileSync(join(folder, 'files.f'), 'utf8').trim().split('\n').join(' ');
    const { module } = bundle.manifest.top;
    const script = `read_verilog ${read}; ${device.flow} -top ${module}; tee -q -o stat.json stat -top ${module} -json`;
    const log = execFileSync('yosys', ['-p', script], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 31 - 1,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const cells = parseCells(readFileSync(join(folder, 'stat.json'), 'utf8'));
    const [, user, , memory] = /user ([\d.]+)s system ([\d.]+)s, MEM: ([\d.]+) MB peak/.exec(log)!;
    return {
      device: name,
      folding: pe.map((p, i) => `${p}×${simd[i]}`).join(', '),
      interval: plan.initiationInterval,
      luts: cells.luts,
      flipFlops: cells.flipFlops,
      blockRams: cells.blockRams,
      dsps: cells.dsps,
      seconds: Math.round(Number(user)),
      megabytes: Math.round(Number(memory)),
      yosys: /^ ?Yosys (\d\S*)/m.exec(log)![1]!,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

for (const folding of FOLDINGS)
  for (const device of FAMILIES) {
    const label = folding.pe.map((p, i) => `${p}×${folding.simd[i]}`).join(', ');
    if (known().some((row) => row.device === device && row.folding === label)) continue;
    const row = measure(device, folding);
    console.error(JSON.stringify(row));
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, `${JSON.stringify([...known(), row], null, 2)}\n`);
  }
