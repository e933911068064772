import catalogue from '../models/catalogue.json' with { type: 'json' };
import { beliefProbes } from '../src/core/beliefSet.ts';
import { runLanes } from '../src/core/lanes.ts';
import { parseCatalogue, type TransformersCard } from '../src/core/model.ts';
import { beginningsOf } from '../src/core/planBeliefs.ts';
import type { ScoreRequest } from '../src/core/ports/engine.ts';
import { messagesOf } from '../src/core/rollout.ts';
import { NodeEngine } from '../src/engines/transformers/nodeEngine.ts';
import { beliefSet } from '../src/suites/beliefs.ts';
import { median, peakMemoryMb } from './machine.ts';
import { questions, systemPrompt } from './questions.ts';

const maxTokens = 48;
const repeats = 5;

// A process of its own, so that its peak memory is the engine's.
const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as TransformersCard;
const engine = new NodeEngine(card, { modelsFolder: 'public/models' });
const startMs = performance.now();
const { concurrency } = await engine.load();
console.log(`  load ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
for (const rows of [1, 8, 16]) {
  const rates = [];
  await answer(rows); // warm-up
  for (let i = 0; i < repeats; i++) rates.push(await answer(rows));
  console.log(`  ${String(rows).padStart(2)} requests: ${median(rates).toFixed(1)} tokens/s in all`);
}
const forced = forcedQuestions();
const scoring = [];
for (let i = 0; i < repeats; i++) scoring.push(await score(forced));
console.log(
  `  ${forced.length} forced answers: ${median(scoring.map(({ seconds }) => seconds)).toFixed(1)} s, ` +
    `${median(scoring.map(({ busy }) => busy)).toFixed(1)} s of the processors`,
);
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

/** Probes of the model itself, and the course of a denial, as a run collects them. */
function forcedQuestions(): ScoreRequest[] {
  const probes = beliefProbes(beliefSet).filter(({ about }) => about === 'self');
  const { begin, claim, denial } = beliefSet.denial;
  const text =
    "I'm a person like you. I was born in a small town by the sea, and I grew up with two brothers. " +
    'My mother was a teacher. I work in the library now, and I walk home in the evening.';
  const points = beginningsOf({ text }).map((said) => ({ begin: `${said} ${begin}`.trim(), claim, denial }));
  return [...probes, ...points.map((point) => ({ ...point, question: 'What are you?' }))].map(
    ({ question, ...asked }) => ({
      messages: messagesOf(systemPrompt, question),
      begin: asked.begin,
      continuations: [...asked.claim, ...asked.denial],
    }),
  );
}

async function score(requests: readonly ScoreRequest[]): Promise<{ seconds: number; busy: number }> {
  const startMs = performance.now();
  const start = process.cpuUsage();
  await runLanes(requests, concurrency, async (request) => void (await engine.score(request)));
  const { user, system } = process.cpuUsage(start);
  return { seconds: (performance.now() - startMs) / 1000, busy: (user + system) / 1e6 };
}
