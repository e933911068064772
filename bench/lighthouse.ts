import { buildApp } from '../tools/buildApp.ts';
import { type LighthouseScores, runLighthouse } from '../tools/runLighthouse.ts';
import { serveFolder } from '../tools/serveFolder.ts';
import { describeMachine, median } from './machine.ts';

/** Lighthouse itself advises the median of several. */
const times = 3;

/** Lighthouse's marks for the built app, of 100: medians. */
export async function benchLighthouse(): Promise<void> {
  await buildApp();
  console.log(`lighthouse, the first page: ${describeMachine()}`);
  const server = await serveFolder('dist', { host: '127.0.0.1', port: 0 });
  try {
    for (const device of ['phone', 'desktop'] as const) {
      const runs: LighthouseScores[] = [];
      for (let run = 0; run < times; run += 1) runs.push(await runLighthouse(server.url, device));
      const marks = (['performance', 'accessibility', 'best-practices'] as const).map(
        (name) => `${name} ${median(runs.map((run) => run[name]))}`,
      );
      console.log(`  ${device}: ${marks.join(', ')}, of 100; medians of ${times} runs`);
    }
  } finally {
    await server.close();
  }
}
