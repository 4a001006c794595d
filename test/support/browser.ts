// A headless Chromium for the tests of what people look at. Nothing but the page under test is ever fetched.
import { type Browser, chromium, type Page } from 'playwright-core';
import { searchTool } from '../../src/synth/tools.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Call only when haveTools('chromium') said yes. */
export const startBrowser = async (): Promise<Browser> => {
  const { tool } = await searchTool('chromium');
  return chromium.launch({ executablePath: tool!.path, args: FLAGS });
};

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly touch?: boolean;
}

export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught errors. */
  readonly complaints: readonly string[];
  /** Every address that was asked for. */
  readonly requests: readonly string[];
}

/** A fresh page whose console and requests are watched. */
export const openPage = async (browser: Browser, options: PageOptions = {}): Promise<WatchedPage> => {
  const { width = 1280, height = 900, dark = false, touch = false } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    hasTouch: touch,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  return { page, complaints, requests };
};

/** Whether anything is wider than the window, so that one would have to scroll sideways. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
