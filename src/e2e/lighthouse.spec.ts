import { runLighthouse } from '../../tools/runLighthouse.ts';
import { expect, test } from './fixtures.ts';

// Its marks for performance are measured by npm run bench, since they vary with the load of the machine.
for (const device of ['phone', 'desktop'] as const) {
  test(`Lighthouse finds the first page accessible and sound, ${device}`, async ({ appUrl }) => {
    const marks = await runLighthouse(appUrl, device);
    expect(marks.accessibility).toBeGreaterThanOrEqual(95);
    expect(marks['best-practices']).toBeGreaterThanOrEqual(95);
  });
}
