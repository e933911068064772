import { type AddressInfo, createServer } from 'node:net';
import { chromium } from '@playwright/test';
import lighthouse, { type Flags, desktopConfig } from 'lighthouse';
import { findChromium } from './chromium.ts';

const categories = ['performance', 'accessibility', 'best-practices'] as const;
export type LighthouseScores = Readonly<Record<(typeof categories)[number], number>>;

/** Lighthouse's marks for a page, 0 to 100, as on a phone with a slow network (simulated) or on a desktop. */
export async function runLighthouse(url: string, device: 'phone' | 'desktop'): Promise<LighthouseScores> {
  const { executablePath, args, env } = await findChromium();
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath,
    args: [...args, `--remote-debugging-port=${port}`],
    env: { ...env },
  });
  try {
    const flags: Flags = { port, logLevel: 'error', onlyCategories: [...categories] };
    const result = await lighthouse(url, flags, device === 'desktop' ? desktopConfig : undefined);
    if (!result) throw new Error('Lighthouse gave no result.');
    const { lhr } = result;
    if (lhr.runtimeError) throw new Error(`Lighthouse: ${lhr.runtimeError.message}`);
    const entries = categories.map((name) => [name, Math.round((lhr.categories[name]?.score ?? 0) * 100)]);
    return Object.fromEntries(entries) as LighthouseScores;
  } finally {
    await browser.close();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
