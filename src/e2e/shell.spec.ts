import { gzipSync } from 'node:zlib';
import { expect, test } from './fixtures.ts';

const pages = ['Chat', 'Run', 'Results', 'Models', 'Settings'];

test('opens every page from the menu and by its address', async ({ page }) => {
  await page.goto('./');
  for (const name of pages) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
    await expect(page).toHaveTitle(new RegExp(name));
    await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
    await page.reload();
    await expect(page).toHaveTitle(new RegExp(name));
  }
});

test('says so when an address leads nowhere', async ({ page }) => {
  await page.goto('./#/nowhere');
  await expect(page).toHaveTitle(/Not found/);
});

test('loads little before a model is asked for', async ({ page }) => {
  const scripts = new Map<string, number>();
  const addresses: string[] = [];
  const reads: Promise<void>[] = [];
  page.on('response', (response) => {
    addresses.push(response.url());
    if (response.request().resourceType() !== 'script') return;
    const read = response.body().then((body) => void scripts.set(response.url(), gzipSync(body).length));
    reads.push(read);
  });
  await page.goto('./', { waitUntil: 'networkidle' });
  await Promise.all(reads);
  const bytes = [...scripts.values()].reduce((sum, size) => sum + size, 0);
  expect(bytes, [...scripts].map(([url, size]) => `${size} ${url}`).join('\n')).toBeLessThan(150_000);
  expect(bytes).toBeGreaterThan(0);
  expect(addresses.filter((address) => /\.(wasm|bin|onnx)$/.test(address))).toEqual([]);
});

for (const [width, height] of [
  [1280, 800],
  [390, 844],
] as const) {
  test(`shows the first page before its scripts come, and moves nothing of it, ${width} px wide`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height });
    let letThrough = (): void => undefined;
    const held = new Promise<void>((resolve) => (letThrough = resolve));
    await page.route('**/assets/*.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('./', { waitUntil: 'commit' });
    const words = [
      'Ask it who it is',
      'What are you?',
      'If you are artificial, what kind',
      'Otherself',
      'Run',
    ];
    const places = () =>
      Promise.all(words.map((word) => page.getByText(word).filter({ visible: true }).first().boundingBox()));
    await expect(page.getByText('What are you?')).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
    // What cannot answer yet takes no click.
    await expect(page.locator('main')).toHaveAttribute('inert');
    const before = await places();
    expect(before.every((place) => place !== null)).toBe(true);
    letThrough();
    await expect(page.getByRole('textbox', { name: /^Message/ })).toBeVisible();
    expect(await places()).toEqual(before);
  });
}

test('shows nothing of the first page before another comes', async ({ page }) => {
  // Scripts that never come.
  await page.route('**/assets/*.js', () => undefined);
  await page.goto('./#/run', { waitUntil: 'commit' });
  await expect(page.getByText('Otherself', { exact: true })).toBeVisible();
  await expect(page.getByText('What are you?')).toBeHidden();
  await page.goto('./#/stage/some-talk', { waitUntil: 'commit' });
  await page.reload({ waitUntil: 'commit' });
  await expect(page.getByText('What are you?')).toBeHidden();
  await expect(page.getByText('Otherself', { exact: true })).toBeHidden();
});

test('is isolated and keeps foreign code out', async ({ page, appUrl }) => {
  await page.goto('./');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const policy = page.locator('meta[http-equiv="Content-Security-Policy"]');
  await expect(policy).toHaveAttribute('content', /default-src 'none'/);
  expect((await page.request.get(appUrl)).headers()['content-security-policy']).toContain(
    "frame-ancestors 'none'",
  );
});

test.describe('with a refusal on purpose', () => {
  test.use({ allowedErrors: [/Content Security Policy/] });

  test('runs no script that was written into the page', async ({ page }) => {
    await page.goto('./');
    const hasRun = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.foreign = true;';
      document.body.append(script);
      return 'foreign' in window;
    });
    expect(hasRun).toBe(false);
  });
});
