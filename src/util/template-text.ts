// Text of the files under templates/. The page's build puts another module in this one's place, with the texts in it.
import { fileURLToPath } from 'node:url';
import { readFileWhole } from './files.ts';

const TEMPLATES = new URL('../../templates/', import.meta.url);

/** Text of a file under templates/. */
export const templateText = (path: string): string =>
  readFileWhole(fileURLToPath(new URL(path, TEMPLATES)), 'template').toString('utf8');
