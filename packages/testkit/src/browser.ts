import { access, constants, mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromiumPackage from '@sparticuz/chromium';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { waitFor } from './wait.ts';

export type { Browser, BrowserContext, Page } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const unpackTimeoutMs = 60_000;

/**
 * A headless browser; its `close()` ends the process and removes its profile. It is the Chrome or Chromium that
 * `executablePath` or PHONEWORK_CHROME names, else the one that an npm package carries, which is for Linux on x64.
 */
export async function startBrowser({
  executablePath = process.env.PHONEWORK_CHROME,
}: {
  readonly executablePath?: string;
} = {}): Promise<Browser> {
  const path = executablePath || (await packagedBrowser());
  try {
    // Playwright leaves its folders behind when there is nothing to launch.
    await access(path, constants.X_OK);
    return await chromium.launch({ executablePath: path, args: flags });
  } catch (cause) {
    throw new Error(
      `No browser could be started from ${path}: set PHONEWORK_CHROME to the executable of a Chrome or Chromium.`,
      { cause },
    );
  }
}

async function packagedBrowser(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'There is no packaged browser for this machine: set PHONEWORK_CHROME to the executable of a Chrome or Chromium.',
    );
  }
  const release = await lockUnpacking();
  try {
    return await chromiumPackage.executablePath();
  } finally {
    await release();
  }
}

/**
 * The package unpacks itself into the temporary folder, and takes whatever lies there for complete. So one process at
 * a time may unpack, and what one left behind that died over it is removed.
 */
async function lockUnpacking(): Promise<() => Promise<void>> {
  const lock = join(tmpdir(), 'phonework-chromium.lock');
  await waitFor(
    async () => {
      if (await makeFolder(lock)) return true;
      const made = await stat(lock).catch(() => undefined);
      if (made !== undefined && Date.now() - made.mtimeMs > unpackTimeoutMs) {
        await rm(join(tmpdir(), 'chromium'), { force: true });
        await rm(lock, { recursive: true, force: true });
      }
      return false;
    },
    { timeoutMs: 2 * unpackTimeoutMs, what: 'the unpacking of the browser' },
  );
  return () => rmdir(lock);
}

/** False when it is there already. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
