import { mkdir, readFile } from 'node:fs/promises';
import { type Browser, chromium } from '@playwright/test';
import { findChromium } from './chromium.ts';

/** Draws the installed app's icons from public/icon.svg: `npx tsx tools/drawIcons.ts`. */
const folder = 'public/icons';
const paper = '#fafbfa';
/** `any` is a tile with round corners; of `maskable`, systems cut all but the inner four fifths. */
const shapes = {
  any: { radius: '22%', glyph: '76%' },
  maskable: { radius: '0', glyph: '66%' },
} as const;

async function draw(browser: Browser, svg: string): Promise<void> {
  for (const [purpose, { radius, glyph }] of Object.entries(shapes)) {
    for (const size of [192, 512]) {
      const page = await browser.newPage({ viewport: { width: size, height: size }, colorScheme: 'light' });
      await page.setContent(
        `<body style="margin:0"><div style="display:grid;place-items:center;height:100vh;` +
          `background:${paper};border-radius:${radius}">${svg.replace('<svg', `<svg width="${glyph}"`)}</div>`,
      );
      await page.screenshot({ path: `${folder}/${purpose}-${size}.png`, omitBackground: true });
      await page.close();
    }
  }
}

await mkdir(folder, { recursive: true });
const { executablePath, args, env } = await findChromium();
const browser = await chromium.launch({ executablePath, args: [...args], env: { ...env } });
try {
  await draw(browser, await readFile('public/icon.svg', 'utf8'));
} finally {
  await browser.close();
}
