// Builds the page's script: the browser's part of the sources, with the texts of the templates that it needs inside.
import { readdirSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';

/** Templates that are rendered in the browser. */
const texts = () => {
  const library = readdirSync('templates/verilog/lib').map((name) => `verilog/lib/${name}`);
  const paths = [...library, 'verilog/folded/top.v.hbs'];
  return Object.fromEntries(paths.map((path) => [path, readFileSync(`templates/${path}`, 'utf8')]));
};

const withoutFiles = {
  name: 'without-files',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/template-text\.ts$/ }, () => ({ path: 'template-text', namespace: 'page' }));
    onResolve({ filter: /\/files\.ts$/ }, () => ({ path: 'files', namespace: 'page' }));
    onLoad({ filter: /^template-text$/, namespace: 'page' }, () => ({
      contents: `const texts = ${JSON.stringify(texts())};
        export const templateText = (path) => {
          if (texts[path] === undefined) throw new Error('the page has no template ' + path);
          return texts[path];
        };`,
    }));
    onLoad({ filter: /^files$/, namespace: 'page' }, () => ({
      contents: `export const readFileWhole = (path) => { throw new Error('the page reads no files: ' + path); };`,
    }));
  },
};

await build({
  entryPoints: ['src/web/main.ts'],
  outfile: 'dist/web/page.js',
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  legalComments: 'none',
  plugins: [withoutFiles],
});
