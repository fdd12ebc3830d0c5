// A real browser without a window: Debian's Chromium, a profile of its own that is thrown away, and no network of its own.
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

export interface Browser {
  /** A new page that keeps what goes wrong in it. `prepare`: before it loads. */
  open(url: string, how?: OpenOptions): Promise<{ page: Page; errors: string[] }>;
  close(): Promise<void>;
}

export interface OpenOptions {
  size?: { width: number; height: number };
  prepare?: (page: Page) => Promise<void>;
}

/** As a person has it on a desk and in the hand. */
export const SIZES = { desktop: { width: 1360, height: 1180 }, phone: { width: 390, height: 844 } };

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable'];
const FLAGS =
  '--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** Why there is no browser to test with, or false. In CI that is a failure, not a reason. */
export function noBrowser(): string | false {
  if (executable() !== undefined) return false;
  if (process.env['CI']) throw new Error(`none of ${NAMES.join(', ')} is in PATH`);
  return `none of ${NAMES.join(', ')} is in PATH (Debian: apt-get install chromium)`;
}

export async function startBrowser(): Promise<Browser> {
  const dir = mkdtempSync('/tmp/qb-');
  const context: BrowserContext = await chromium.launchPersistentContext(join(dir, 'profile'), {
    executablePath: executable() as string,
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0, // it refuses to start as root with one
    args: FLAGS.split(' '),
    env: { PATH: process.env['PATH'] ?? '', HOME: dir, TMPDIR: dir },
    viewport: SIZES.desktop,
  });
  return {
    open: async (url, { size = SIZES.desktop, prepare = async () => {} } = {}) => {
      const page = await context.newPage();
      await page.setViewportSize(size);
      await prepare(page);
      page.setDefaultTimeout(60_000); // only a failing test waits for it
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(url);
      return { page, errors };
    },
    close: async () => {
      await context.close();
      rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function executable(): string | undefined {
  const paths = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => paths.map((path) => join(path, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
