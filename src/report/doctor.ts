// The findings of `bitsim doctor` as text.
import { table } from './table.ts';

export interface DoctorSummary {
  readonly tool: string;
  readonly node: string;
  readonly backend: string;
  readonly simd: boolean;
  readonly threads: number;
  readonly tools: readonly {
    readonly name: string;
    readonly enables: string;
    readonly found: string | null;
    readonly mend: string | null;
  }[];
}

export const doctorReport = ({ tool, node, backend, simd, threads, tools }: DoctorSummary): string => {
  const missing = tools.filter(({ found }) => found === null);
  return [
    `${tool}, Node ${node}, ${threads} threads`,
    `training: ${backend}`,
    `simulator: ${simd ? 'WebAssembly SIMD' : 'the slow fallback (this Node has no WebAssembly SIMD)'}`,
    '',
    table(
      ['tool', 'version', 'enables'],
      tools.map(({ name, found, enables }) => [name, found ?? 'missing', enables]),
    ),
    ...(missing.length === 0
      ? ['', 'everything is there']
      : ['', 'missing:', ...missing.map(({ name, mend }) => `  ${name}: ${mend}`)]),
  ].join('\n');
};
