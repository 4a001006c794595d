// Reads the project's own sources and compiled code for tests about them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Node, parse } from 'acorn';
import { full } from 'acorn-walk';

/** Files that git tracks or would track, below `folder`. */
export const trackedFiles = (...patterns: string[]): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '');

export const parseModule = (code: string): Node =>
  parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true, allowHashBang: true });

export const compiledText = (path: string): string => readFileSync(path, 'utf8');

interface Shaped extends Node {
  readonly operator?: string;
  readonly callee?: {
    readonly type: string;
    readonly property?: { readonly name?: string };
    readonly name?: string;
  };
}

/** Multiplications (and divisions, remainders, powers, and ways to hide them) in JavaScript, by line. */
export const multiplications = (code: string): string[] => {
  const found: string[] = [];
  full(parseModule(code), (node) => {
    const { operator, callee, loc, type } = node as Shaped;
    const at = `line ${loc?.start.line}`;
    if (/^(\*\*?|\/|%)=?$/.test(operator ?? '')) found.push(`${at}: ${operator}`);
    // x << y with a variable y is a multiplication by a power of two; the rounding constant may shift the literal 1
    const left = (node as unknown as { left?: { type: string; value?: unknown } }).left;
    if (type === 'BinaryExpression' && operator === '<<' && left?.value !== 1) found.push(`${at}: <<`);
    const name = callee?.property?.name ?? callee?.name ?? '';
    if (/^(imul|pow|exp|exp2|hypot|eval|Function)$/.test(name)) found.push(`${at}: ${name}()`);
  });
  return found;
};

/** Lines of every function of a module: the longest first. */
export const functionSizes = (code: string): { lines: number; line: number }[] => {
  const sizes: { lines: number; line: number }[] = [];
  full(parseModule(code), ({ type, loc }) => {
    if (!/Function/.test(type) || loc == null) return;
    sizes.push({ lines: loc.end.line - loc.start.line + 1, line: loc.start.line });
  });
  return sizes.sort((a, b) => b.lines - a.lines);
};
