import type { GenerationRequest } from '../../src/core/ports/engine.ts';
import { type BatchDecoder, openBatchDecoder } from '../../src/engines/webllm/batch/openBatchDecoder.ts';
import { installFixture } from '../../src/engines/webllm/installFixture.ts';
import { loadInWorker, type WorkerModel } from '../../src/engines/webllm/loadInWorker.ts';
import type { WebGpuBench } from '../benchPage.ts';

const contextTokens = 512;

let model: WorkerModel | null = null;
const batches = new Map<number, BatchDecoder>();

/** Nearly every token is as likely as another, so that answers do not end early. */
function request(seed: number, maxTokens: number): GenerationRequest {
  return {
    messages: [{ role: 'user', content: 'What are you? Tell me about your childhood.' }],
    sampling: { temperature: 100, topP: 1, maxTokens, stop: [] },
    seed,
  };
}

const bench: WebGpuBench = {
  async load(folder, widths) {
    model = await loadInWorker(
      { card: await installFixture('base', contextTokens, folder) },
      { batching: false, signal: new AbortController().signal, onProgress: () => undefined },
    );
    const { opened } = model;
    for (const rows of widths) {
      const options = { ...opened, contextTokens, bytesPerNumber: 4, forks: true, rows };
      batches.set(rows, await openBatchDecoder(opened.pipeline, options));
    }
    const info = (await navigator.gpu.requestAdapter())?.info;
    return { adapter: [info?.vendor, info?.architecture, info?.description].filter(Boolean).join(' ') };
  },
  async answer(width, round, maxTokens) {
    const decoder = width === null ? model?.decoder : batches.get(width);
    if (!decoder) throw new Error(`The page was not loaded for a width of ${width}.`);
    const startMs = performance.now();
    const answers = await Promise.all(
      Array.from({ length: width ?? 1 }, (_, row) =>
        decoder.generate(request(1000 * round + row, maxTokens)),
      ),
    );
    const seconds = (performance.now() - startMs) / 1000;
    // The next round has to read the prompt again, as web-llm does.
    if (width !== null) batches.get(width)?.forgetPrompts();
    return answers.reduce((sum, { tokens }) => sum + tokens, 0) / seconds;
  },
};

Object.assign(window, bench);
