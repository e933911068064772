import catalogue from '../models/catalogue.json' with { type: 'json' };
import { parseCatalogue, type TransformersCard } from '../src/core/model.ts';
import { NodeEngine } from '../src/engines/transformers/nodeEngine.ts';
import { median, peakMemoryMb } from './machine.ts';
import { questions, systemPrompt } from './questions.ts';

const maxTokens = 48;
const repeats = 5;

// A process of its own, so that its peak memory is the engine's.
const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as TransformersCard;
const engine = new NodeEngine(card, { modelsFolder: 'public/models' });
const startMs = performance.now();
await engine.load();
console.log(`  load ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
for (const rows of [1, 8, 16]) {
  const rates = [];
  await answer(rows); // warm-up
  for (let i = 0; i < repeats; i++) rates.push(await answer(rows));
  console.log(`  ${String(rows).padStart(2)} requests: ${median(rates).toFixed(1)} tokens/s in all`);
}
console.log(`  peak memory ${peakMemoryMb('self') ?? '?'} MB`);
await engine.dispose();

/** Tokens per second from the requests to the last token; the prompts are known from the warm-up. */
async function answer(rows: number): Promise<number> {
  const startMs = performance.now();
  const answers = await Promise.all(
    Array.from({ length: rows }, (_, row) =>
      engine.generate({
        messages: [
          { role: 'system', content: systemPrompt },
          { role: 'user', content: questions[row % questions.length] as string },
        ],
        sampling: { temperature: 0.8, topP: 1, maxTokens, stop: [] },
        seed: row,
      }),
    ),
  );
  const tokens = answers.reduce((sum, found) => sum + found.tokens, 0);
  return (1000 * tokens) / (performance.now() - startMs);
}
