import { serveEngine } from '../serveEngine.ts';
import { loadInWorker } from './loadInWorker.ts';
import type { LoadParams } from './protocol.ts';

serveEngine<LoadParams>(self, async (params, options) => {
  const { facts, decoder } = await loadInWorker(params, options);
  return {
    facts,
    generate: (...asked) => decoder.generate(...asked),
    score: (...asked) => decoder.score(...asked),
  };
});
