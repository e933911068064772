import { serveEngine } from '../serveEngine.ts';
import { loadInWorker } from './loadInWorker.ts';
import type { LoadParams } from './protocol.ts';

serveEngine<LoadParams>(self, async (params, options) => {
  const { facts, batcher } = await loadInWorker(params, options);
  return {
    facts,
    generate: (...asked) => batcher.generate(...asked),
    score: (...asked) => batcher.score(...asked),
  };
});
