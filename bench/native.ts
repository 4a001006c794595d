// bench/native.cpp, the engine's algorithm in C++: compiling it, and handing it a network and images.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { denseLayers, type Network } from '../src/model/network.ts';

/** Compiles it to `folder`/native; false without g++ or AVX2. */
export const compileNative = (folder: string): boolean => {
  const made = spawnSync('g++', ['-O3', '-mavx2', '-o', join(folder, 'native'), 'bench/native.cpp']);
  const avx2 = existsSync('/proc/cpuinfo') && readFileSync('/proc/cpuinfo', 'utf8').includes(' avx2');
  return made.status === 0 && avx2;
};

/** Writes weights and input codes to `folder`; what the program is then to be given, `runs` runs in a row. */
export const nativeArguments = (
  folder: string,
  network: Network,
  codes: Uint8Array,
  { runs, shift, bits }: { readonly runs: number; readonly shift: number; readonly bits: number },
): string[] => {
  const layers = denseLayers(network);
  layers.forEach(({ weights }, i) => {
    writeFileSync(join(folder, `w${i}.bin`), weights.trits);
  });
  writeFileSync(join(folder, 'codes.bin'), codes);
  return [folder, `${runs}`, `${layers[0]!.weights.rows}`, `${shift}`, `${2 ** bits - 1}`];
};
