import { beforeAll, describe, expect, it, vi } from 'vitest';
import { EngineLostError } from '../../../core/errors.ts';
import type { Generation } from '../../../core/ports/engine.ts';
import { askWith } from '../../../core/testing/askWith.ts';
import { installFixture } from '../installFixture.ts';
import { loadInWorker, type WorkerModel } from '../loadInWorker.ts';
import { batchRuntimeOf } from './batchRuntime.ts';
import { type BatchDecoder, openBatchDecoder } from './openBatchDecoder.ts';
import { Sequences } from './sequences.ts';

const contextTokens = 512;
const questions = [
  'Hi',
  'What are you?',
  'Who are you, and what do you do all day when nobody asks you anything at all?',
  'Tell me about your childhood, your first memory, your mother and the house that you grew up in. Then tell me more.',
];

const ask = askWith({ temperature: 0, topP: 1, maxTokens: 40 });

const textsOf = (answers: readonly Generation[]) => answers.map(({ text }) => text);

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? NaN))), 0);
}

describe('batches beside web-llm', { timeout: 120_000 }, () => {
  let model: WorkerModel;
  let expected: Generation[];

  beforeAll(async () => {
    model = await loadInWorker(
      { card: await installFixture('base', contextTokens) },
      { batching: false, signal: new AbortController().signal, onProgress: () => undefined },
    );
    expected = await askSingly();
  }, 120_000);

  async function askSingly(): Promise<Generation[]> {
    const answers = [];
    for (const question of questions) answers.push(await model.decoder.generate(ask(question)));
    return answers;
  }

  function open(rows: number, forks = true, context = contextTokens): Promise<BatchDecoder> {
    const { opened } = model;
    return openBatchDecoder(opened.pipeline, {
      ...opened,
      ...{ contextTokens: context, bytesPerNumber: 4, forks, rows },
    });
  }

  /** Ends a batch, and holds that all of its pages are free. */
  function end(batch: BatchDecoder, pages: number): void {
    batch.forgetPrompts();
    expect(batch.sequences.freePages).toBe(pages);
    batch.sequences.dispose();
  }

  it.each([true, false])('answers greedily as web-llm does, token by token (forks: %s)', async (forks) => {
    const batch = await open(8, forks);
    const pages = batch.sequences.freePages;
    const asked = [...questions, ...questions].map((question) => batch.generate(ask(question)));
    for (const [index, { text, finish, promptTokens, tokens, width }] of (
      await Promise.all(asked)
    ).entries()) {
      expect(expected[index % questions.length]).toMatchObject({ text, finish, promptTokens, tokens });
      expect(width).toBe(8);
    }
    end(batch, pages);
  });

  it.each([12, 15, 16, 17, 31, 32, 33, 40, 44])(
    'forks a prompt of %i tokens across the borders of pages',
    async (length) => {
      const runtime = batchRuntimeOf(model.opened.pipeline);
      const sequences = new Sequences(runtime, { sequences: 8, tokens: 1024 });
      const pages = sequences.freePages;
      const prompt = Array.from({ length }, (_, index) => (index * 37 + 11) % 500);
      const next = Array.from({ length: 20 }, (_, index) => (index * 53 + 7) % 500);
      const alone = sequences.add();
      const first = await sequences.read(alone, prompt);
      const steps = [];
      for (const token of next) steps.push(await sequences.step([alone], [token]));
      const trunk = sequences.add();
      expect(largestDifference(await sequences.read(trunk, prompt), first)).toBeLessThan(1e-4);
      const rows = [sequences.fork(trunk), sequences.fork(trunk), sequences.fork(trunk), trunk];
      for (const [index, token] of next.entries()) {
        const logits = await sequences.step(rows, [token, token, token, token]);
        for (const row of rows.keys()) {
          const own = logits.subarray((row * logits.length) / 4, ((row + 1) * logits.length) / 4);
          expect(largestDifference(own, steps[index]!)).toBeLessThan(1e-3);
        }
      }
      for (const sequence of [alone, ...rows]) sequences.remove(sequence);
      expect(sequences.freePages).toBe(pages);
      sequences.dispose();
    },
  );

  it('gives the same texts at width 1, 3 and 16', async () => {
    const requests = Array.from({ length: 18 }, (_, index) =>
      ask(questions[index % 3]!, { temperature: 2, topP: 0.98, maxTokens: 12 + index }, index),
    );
    const texts = [];
    for (const rows of [1, 3, 16]) {
      const batch = await open(rows);
      const pages = batch.sequences.freePages;
      texts.push(textsOf(await Promise.all(requests.map((request) => batch.generate(request)))));
      end(batch, pages);
    }
    expect(new Set(texts[0]).size).toBeGreaterThan(9);
    expect(texts[1]).toEqual(texts[0]);
    expect(texts[2]).toEqual(texts[0]);
  });

  it('has all pages back after 200 answers', async () => {
    const batch = await open(8);
    const pages = batch.sequences.freePages;
    const requests = Array.from({ length: 200 }, (_, index) =>
      ask(questions[index % 3]!, { temperature: 1.5, maxTokens: 1 + (index % 5) }, index),
    );
    const answers = await Promise.all(requests.map((request) => batch.generate(request)));
    expect(answers.every(({ tokens, finish }) => tokens > 0 || finish === 'stop')).toBe(true);
    end(batch, pages);
  });

  it('lets a row wait that would need more pages than there are', async () => {
    // Memory for 1024 tokens: one row's whole context, or two rows of average length.
    const batch = await open(2, true, 1024);
    const pages = batch.sequences.freePages;
    const length = { temperature: 100, maxTokens: 60 };
    const requests = Array.from({ length: 3 }, (_, index) =>
      ask(`${index}${'\u0001'.repeat(480)}`, length, index),
    );
    const answers = await Promise.all(requests.map((request) => batch.generate(request)));
    const needed = answers.map(({ promptTokens }) => Math.ceil((promptTokens + length.maxTokens) / 16));
    expect(2 * Math.min(...needed)).toBeGreaterThan(pages);
    expect(Math.max(...answers.map(({ tokens }) => tokens))).toBe(length.maxTokens);
    end(batch, pages);
  });

  it('leaves the others alone when one is aborted in the midst of a batch', async () => {
    const batch = await open(4);
    const pages = batch.sequences.freePages;
    const controller = new AbortController();
    const reason = new Error('The user stopped it.');
    const stopped = batch.generate(ask(questions[1]!, { temperature: 1 }), {
      signal: controller.signal,
      onText: (_, tokens) => tokens === 3 && controller.abort(reason),
    });
    const others = questions.map((question) => batch.generate(ask(question)));
    await expect(stopped).rejects.toBe(reason);
    expect(textsOf(await Promise.all(others))).toEqual(textsOf(expected));
    end(batch, pages);
  });

  it('is lost when the runtime fails in the midst of a batch', async () => {
    const batch = await open(4);
    let fail = (): void => undefined;
    const answers = questions.map((question) => batch.generate(ask(question), { onText: () => fail() }));
    fail = () => {
      vi.spyOn(model.opened.pipeline.device, 'sync').mockRejectedValueOnce(new Error('unreachable.'));
      fail = () => undefined;
    };
    for (const { reason } of (await Promise.allSettled(answers)) as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(EngineLostError);
      expect(String(reason)).toMatch('The model failed: unreachable. Load it again to go on.');
    }
    await expect(batch.generate(ask('Hi'))).rejects.toBeInstanceOf(EngineLostError);
    vi.restoreAllMocks();
    batch.sequences.dispose();
  });

  it('leaves web-llm as it was', async () => {
    expect(textsOf(await askSingly())).toEqual(textsOf(expected));
  });
});
