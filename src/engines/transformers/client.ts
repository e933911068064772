import type { TransformersCard } from '../../core/model.ts';
import { WorkerEngine } from '../workerEngine.ts';
import type { DeviceChoice, LoadParams } from './protocol.ts';

interface ClientOptions {
  /** Address of the folder that holds the models' folders, relative to the page. */
  readonly modelsUrl: string;
  readonly device?: DeviceChoice;
  /** CPU threads; the default fits this machine. */
  readonly threads?: number;
}

/** The embedded engine on the page's side. */
export class TransformersEngine extends WorkerEngine<LoadParams> {
  constructor(card: TransformersCard, { modelsUrl, device = 'auto', threads }: ClientOptions) {
    const folderUrl = new URL(`${card.folder}/`, new URL(modelsUrl, document.baseURI)).href;
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    super(worker, { card, folderUrl, device, ...(threads && { threads }) });
  }
}
