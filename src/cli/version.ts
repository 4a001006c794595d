// bitsim's own version, from the package.json that lies beside dist/ (and src/).
import { readFileSync } from 'node:fs';

const PACKAGE = new URL('../../package.json', import.meta.url);

/** e.g. `0.1.0` */
export const bitsimVersion = (): string =>
  (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { readonly version: string }).version;

/** What headers and manifests name as the tool, e.g. `bitsim 0.1.0`. */
export const toolName = (): string => `bitsim ${bitsimVersion()}`;
