// The page of a run: its files gathered, served on this machine, or written for any web server to host.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNetwork } from '../layers/validate.ts';
import { pixelsOf } from '../model/dataset.ts';
import type { Network } from '../model/network.ts';
import { stratifiedIndices } from '../sim/golden.ts';
import { UserError } from '../util/errors.ts';
import { makeFolder, readFileWhole, writeFileWhole } from '../util/files.ts';
import { templateText } from '../util/template-text.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { readManifest } from './run-manifest.ts';
import { bitsimVersion } from './version.ts';

export interface ServeRequest {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
}

interface SiteFile {
  readonly type: string;
  readonly body: Buffer;
}

/** Everything that is served, by name; nothing else can be asked for. */
export type Site = ReadonlyMap<string, SiteFile>;

const MOST_SAMPLES = 30;
const SCRIPT = fileURLToPath(new URL('../../dist/web/page.js', import.meta.url));

/** Test images to begin with; none when the data is not there. */
const samplesOf = (
  run: RunPaths,
  network: Network,
  data: string | undefined,
  note: (text: string) => void,
) => {
  try {
    const manifest = data === undefined ? readManifest(run) : undefined;
    const images = loadRunData(manifest, data, ['test']).test;
    checkShape(network, images);
    const count = Math.min(MOST_SAMPLES, images.count);
    return stratifiedIndices(images, count).map((index) => ({
      index,
      label: network.classes[images.labels[index]!] ?? String(images.labels[index]),
      pixels: Buffer.from(pixelsOf(images, index)).toString('base64'),
    }));
  } catch (error) {
    if (!(error instanceof UserError) || data !== undefined) throw error;
    note(`no test images on the page: ${error.message}`);
    return [];
  }
};

/** Gathers the page of a run. */
export const siteOf = (
  { run: name, data }: ServeRequest,
  { terminal }: Pick<Context, 'terminal'>,
): { readonly run: RunPaths; readonly network: Network; readonly site: Site } => {
  const run = findRun(name);
  const network = readNetwork(run.network);
  terminal.note(`run: ${run.folder} (${network.name})`);
  const samples = {
    version: bitsimVersion(),
    accuracy: network.provenance.testAccuracy ?? null,
    images: samplesOf(run, network, data, (text) => terminal.warn(text)),
  };
  const text = (type: string, body: string): SiteFile => ({
    type: `${type}; charset=utf-8`,
    body: Buffer.from(body),
  });
  const site = new Map<string, SiteFile>([
    ['index.html', text('text/html', templateText('web/index.html'))],
    ['page.css', text('text/css', templateText('web/page.css'))],
    ['page.js', text('text/javascript', readFileWhole(SCRIPT, 'page script').toString('utf8'))],
    ['network.json', text('application/json', readFileWhole(run.network, 'network file').toString('utf8'))],
    ['samples.json', text('application/json', JSON.stringify(samples))],
  ]);
  return { run, network, site };
};

/** Writes the page as a folder that any web server can host. */
export const writeSite = (folder: string, site: Site): string[] => {
  makeFolder(folder);
  return [...site].map(([name, { body }]) => {
    writeFileWhole(join(folder, name), body);
    return join(folder, name);
  });
};

/** handlebars compiles templates to functions, and the engine is WebAssembly; nothing comes from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const LONGEST_ADDRESS = 1024;

const answer = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  head: boolean,
): void => {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    // what was sent along is not read: the connection would wait for it
    ...(status >= 400 ? { connection: 'close' } : {}),
  });
  response.end(head ? undefined : body);
};

/** The name in an address: `/` is the page itself. Undefined when it is malformed. */
const nameOf = (url: string): string | undefined => {
  try {
    const path = decodeURIComponent(url.split('?')[0]!);
    return path === '/' ? 'index.html' : path.slice(1);
  } catch {
    return undefined;
  }
};

const refusal = (request: IncomingMessage, hosts: ReadonlySet<string>): [number, string] | undefined => {
  const { method, url = '/', headers } = request;
  if (url.length > LONGEST_ADDRESS)
    return [414, `address must have at most ${LONGEST_ADDRESS} characters, not ${url.length}`];
  // a page from elsewhere whose name was pointed at this machine would come with its own Host
  if (!hosts.has((headers.host ?? '').replace(/:\d+$/, '')))
    return [421, `Host must be one of ${[...hosts].join(', ')}`];
  if (method !== 'GET' && method !== 'HEAD') return [405, `method must be GET or HEAD, not ${method}`];
  if ((headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined)
    return [413, 'nothing may be sent along'];
  if (nameOf(url) === undefined) return [400, 'address must be well-formed'];
  return undefined;
};

/** A server of `site` and nothing else. */
export const siteServer = (site: Site, host: string): Server => {
  // an IPv6 address stands in brackets there
  const hosts = new Set([host.includes(':') ? `[${host}]` : host, 'localhost', '127.0.0.1', '[::1]']);
  return createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 }, (request, response) => {
    const head = request.method === 'HEAD';
    const refused = refusal(request, hosts);
    if (refused !== undefined)
      return answer(response, refused[0], 'text/plain; charset=utf-8', `${refused[1]}\n`, head);
    const file = site.get(nameOf(request.url ?? '/')!);
    if (file === undefined)
      return answer(
        response,
        404,
        'text/plain; charset=utf-8',
        `the page has ${[...site.keys()].join(', ')}\n`,
        head,
      );
    return answer(response, 200, file.type, file.body, head);
  });
};

/** Why listening failed, in words. */
const listenError = (error: NodeJS.ErrnoException, port: number, host: string): UserError => {
  const about = { code: 'BITSIM_SERVE_LISTEN', cause: error };
  const subject = `--port ${port}`;
  if (error.code === 'EADDRINUSE')
    return new UserError({
      ...about,
      subject,
      rule: 'be free',
      value: `in use on ${host} (EADDRINUSE)`,
      hint: 'choose another, or leave it out',
    });
  if (error.code === 'EACCES')
    return new UserError({
      ...about,
      subject,
      rule: 'be one that you may listen on',
      value: 'reserved (EACCES)',
      hint: 'take one from 1024 on',
    });
  return new UserError({
    ...about,
    subject: '--host',
    rule: 'be an address of this machine',
    value: `"${host}" (${error.code ?? error.message})`,
  });
};

/** Starts listening; the address that it got. Throws UserError when it cannot. */
export const listen = (server: Server, port: number, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port, host)));
    server.listen(port, host, () => {
      const { address, port: got, family } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${got}/`);
    });
  });
