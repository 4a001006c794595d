// Reads the project's own sources and compiled code for tests about them. Compiled JavaScript is parsed with acorn:
// TypeScript 7 has no compiler API, and types are no part of what runs.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Node, parse } from 'acorn';
import { full } from 'acorn-walk';

/** Files that git tracks or would track. In a pattern `*` matches any text, slashes too: `src/*.ts` is every source. */
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
  readonly left?: { readonly value?: unknown };
  readonly callee?: Named;
  readonly property?: Named;
  /** Of a destructuring pattern. */
  readonly properties?: readonly { readonly key?: Named }[];
}
interface Named {
  readonly name?: string;
  readonly value?: unknown;
}

/** Functions that multiply, or that could hide the text of a multiplication. */
const MULTIPLYING = /^(imul|pow|exp|exp2|expm1|hypot|eval|Function|constructor)$/;

/** What a node calls, or takes out of an object: `f()`, `a.f`, `a['f']`, `{ f: g } = a`. */
const namesIn = ({ type, callee, property, properties = [] }: Shaped): string[] => {
  const keys = type === 'ObjectPattern' ? properties.map(({ key }) => key) : [];
  return [callee, property, ...keys].map((named: Named | undefined) =>
    String(named?.name ?? named?.value ?? ''),
  );
};

/** Multiplications (and divisions, remainders, powers, and ways to hide them) in JavaScript, by line. */
export const multiplications = (code: string): string[] => {
  const found: string[] = [];
  full(parseModule(code), (node) => {
    const shaped = node as Shaped;
    const { operator = '', left, loc } = shaped;
    const at = `line ${loc?.start.line}`;
    if (/^(\*\*?|\/|%)=?$/.test(operator)) found.push(`${at}: ${operator}`);
    // x << y is a multiplication by a power of two; only the literal 1 may be shifted, for the rounding constant
    if (/^<<=?$/.test(operator) && left?.value !== 1) found.push(`${at}: ${operator}`);
    found.push(
      ...namesIn(shaped)
        .filter((name) => MULTIPLYING.test(name))
        .map((name) => `${at}: ${name}`),
    );
  });
  return found;
};

/** Modules that a compiled module loads, directly or not, as paths; itself first. Packages are left out. */
export const loadedModules = (entry: string): string[] => {
  const found = new Set([entry]);
  for (const path of found) {
    full(parseModule(compiledText(path)), (node) => {
      const from = (node as Node & { readonly source?: { readonly value?: unknown } | null }).source?.value;
      if (typeof from === 'string' && from.startsWith('.')) found.add(normalize(join(dirname(path), from)));
    });
  }
  return [...found];
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
