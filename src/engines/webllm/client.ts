import type { WebLlmCard } from '../../core/model.ts';
import { WorkerEngine } from '../workerEngine.ts';

/** A 7-8B checkpoint on WebGPU, on the page's side. */
export class WebLlmEngine extends WorkerEngine<WebLlmCard> {
  constructor(card: WebLlmCard) {
    super(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }), card);
  }
}
