import { faultsOf, overflowOf } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';

const addresses = [
  'chat',
  'stage',
  'preflight',
  'run',
  'run/new',
  'results',
  'models',
  'settings',
  'gallery',
];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries({
    wide: { width: 1440, height: 900 },
    phone: { width: 360, height: 740 },
  })) {
    test.describe(`${colorScheme}, ${size}`, () => {
      test.use({ colorScheme, viewport });

      test('has no accessibility fault on any page, and nothing wider than the screen', async ({ page }) => {
        for (const address of addresses) {
          await page.goto(`./#/${address}`);
          await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
          expect(await faultsOf(page), address).toEqual([]);
          expect(await overflowOf(page), `${address} is too wide`).toBeLessThanOrEqual(0);
        }
      });
    });
  }
}
