import type { WebLlmCard } from '../../core/model.ts';
import { serveEngine } from '../serveEngine.ts';
import { loadInWorker } from './loadInWorker.ts';

serveEngine<WebLlmCard>(self, async (card, options) => {
  const { facts, decoder } = await loadInWorker(card, options);
  return { facts, generate: (...asked) => decoder.generate(...asked) };
});
