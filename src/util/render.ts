// Handlebars, held to what it does well: placing text. Strict mode does not catch undefined, null, NaN or objects, so
// every leaf of a view is checked before rendering, and a template can call nothing but if, unless and each.
import Handlebars from 'handlebars';
import { templateText } from './template-text.ts';

export type View = { readonly [key: string]: Leaf | readonly View[] | readonly string[] | View };
type Leaf = string | number | boolean;

const checkLeaves = (value: unknown, path: string): void => {
  if (typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value !== 'object' || value === null) throw new Error(`view ${path} is ${String(value)}`);
  for (const [key, item] of Object.entries(value)) checkLeaves(item, `${path}.${key}`);
};

const compiled = new Map<string, HandlebarsTemplateDelegate>();

const compile = (path: string): HandlebarsTemplateDelegate => {
  const known = compiled.get(path);
  if (known !== undefined) return known;
  const template = Handlebars.create().compile(templateText(path), {
    strict: true,
    noEscape: true,
    preventIndent: true,
    knownHelpersOnly: true,
    knownHelpers: { if: true, unless: true, each: true },
  });
  compiled.set(path, template);
  return template;
};

/** Renders templates/<path> with `view`. */
export const render = (path: string, view: View): string => {
  checkLeaves(view, path);
  return compile(path)(view);
};
