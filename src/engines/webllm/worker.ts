import { EngineLostError } from '../../core/errors.ts';
import { serveLink } from '../workerLink.ts';
import { loadInWorker, type WorkerModel } from './loadInWorker.ts';
import type { EngineCalls } from './protocol.ts';

// Text that grows is sent at most this often: faster than anyone reads, and cheap for the page.
const textIntervalMs = 50;

let loaded: WorkerModel | null = null;

serveLink<EngineCalls>(self, {
  load: async (card, { signal, emit }) => {
    loaded ??= await loadInWorker(card, { signal, onProgress: emit });
    return loaded.facts;
  },
  generate: async (request, { signal, emit }) => {
    if (!loaded) throw new EngineLostError('The model is not loaded. Load it first.');
    let sentMs = -Infinity;
    const answer = await loaded.decoder.generate(request, {
      signal,
      onText: (text, tokens) => {
        if (performance.now() - sentMs < textIntervalMs) return;
        sentMs = performance.now();
        emit({ text, tokens });
      },
    });
    // The last tokens may have come within the interval.
    emit({ text: answer.text, tokens: answer.tokens });
    return answer;
  },
});
