import { Wllama } from '@wllama/wllama';
import wllamaWasm from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import catalogue from '../../models/catalogue.json';
import { parseCatalogue, type TransformersCard } from '../../src/core/model.ts';
import type { Engine } from '../../src/core/ports/engine.ts';
import { TransformersEngine } from '../../src/engines/transformers/client.ts';
import { questions, systemPrompt } from '../questions.ts';
import type { BenchPage, Measured } from '../benchPage.ts';

/** The engine under test; one at a time, so that only one model is in memory. */
let ours: Engine | null = null;
let peer: Wllama | null = null;
let longTasks: number[] = [];

new PerformanceObserver((list) =>
  longTasks.push(...list.getEntries().map((entry) => entry.duration)),
).observe({
  type: 'longtask',
});

function messages(index: number) {
  return [
    { role: 'system' as const, content: systemPrompt },
    { role: 'user' as const, content: questions[index % questions.length] as string },
  ];
}

/** Decode rate from the first token of the last row to the first last token: all rows at work. */
function rateOf(timesMs: readonly (readonly number[])[], startMs: number, endMs: number): Measured {
  const tokens = timesMs.reduce((sum, times) => sum + times.length, 0);
  const from = Math.max(...timesMs.map((times) => times[0] ?? 0));
  const until = Math.min(...timesMs.map((times) => times.at(-1) ?? 0));
  const inside = timesMs.flat().filter((time) => time > from && time <= until).length;
  return {
    decodeRate: (1000 * inside) / (until - from),
    wholeRate: (1000 * tokens) / (endMs - startMs),
    tokens,
  };
}

async function answerOurs(rows: number, maxTokens: number): Promise<Measured> {
  const engine = ours as Engine;
  const startMs = performance.now();
  const timesMs = Array.from({ length: rows }, () => [] as number[]);
  await Promise.all(
    timesMs.map(async (times, row) => {
      const sampling = { temperature: 0.8, topP: 1, maxTokens, stop: [] };
      const answer = await engine.generate({ messages: messages(row), sampling, seed: row });
      const admittedMs = performance.now() - answer.durationMs;
      times.push(...(answer.tokenTimesMs ?? []).map((time) => admittedMs + time));
    }),
  );
  return rateOf(timesMs, startMs, performance.now());
}

async function answerPeer(rows: number, maxTokens: number): Promise<Measured> {
  const wllama = peer as Wllama;
  const startMs = performance.now();
  const timesMs = Array.from({ length: rows }, () => [] as number[]);
  await Promise.all(
    timesMs.map(async (times, row) => {
      const stream = await wllama.createChatCompletion({
        messages: messages(row),
        max_tokens: maxTokens,
        temperature: 0.8,
        top_p: 1,
        top_k: 0,
        seed: row,
        stream: true,
      });
      for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) times.push(performance.now());
    }),
  );
  return rateOf(timesMs, startMs, performance.now());
}

const page: BenchPage = {
  async loadOurs(threads) {
    const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as TransformersCard;
    ours = new TransformersEngine(card, {
      modelsUrl: 'models/',
      device: 'wasm',
      ...(threads && { threads }),
    });
    const startMs = performance.now();
    const facts = await ours.load();
    return { loadMs: performance.now() - startMs, device: facts.device };
  },
  async loadPeer(file, threads) {
    peer = new Wllama({ default: wllamaWasm }, { suppressNativeLog: true });
    const startMs = performance.now();
    const blob = await (await fetch(`models/${file}`)).blob();
    await peer.loadModel([blob], { n_threads: threads, n_ctx: 4096, n_parallel: 8 });
    return { loadMs: performance.now() - startMs, device: `wasm, ${peer.getNumThreads()} threads` };
  },
  async answer(side, rows, maxTokens) {
    longTasks = [];
    const measured = await (side === 'ours' ? answerOurs(rows, maxTokens) : answerPeer(rows, maxTokens));
    return { ...measured, longestTaskMs: Math.max(0, ...longTasks) };
  },
  async unload() {
    await ours?.dispose();
    await peer?.exit();
    ours = null;
    peer = null;
  },
};

Object.assign(window, { bench: page });
