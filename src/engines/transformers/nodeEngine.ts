import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { env } from '@huggingface/transformers';
import { EngineError, EngineLostError } from '../../core/errors.ts';
import type { TransformersCard } from '../../core/model.ts';
import type { Engine, EngineFacts, Score } from '../../core/ports/engine.ts';
import type { Batcher } from '../batching/batcher.ts';
import { engineFacts } from './engineFacts.ts';
import { checkFiles } from './nodeFiles.ts';
import { checkDevice, makeBatcher, openModel, selfTestPath, type OpenedModel } from './openModel.ts';

interface NodeEngineOptions {
  /** Folder that holds the models' folders, as `public/models`. */
  readonly modelsFolder: string;
  /** Two threads without a spare core are slower than two on idle ones, but never slower than one. */
  readonly threads?: number;
}

// More rows cost memory for keys and values, and the rate per row falls: 16 rows give about 1.2x of 8.
const maxRows = 16;

/** The embedded engine for the command line. */
export class NodeEngine implements Engine {
  readonly #card: TransformersCard;
  readonly #options: NodeEngineOptions;
  #loading: Promise<EngineFacts> | null = null;
  #opened: OpenedModel | null = null;
  #batcher: Batcher | null = null;

  constructor(card: TransformersCard, options: NodeEngineOptions) {
    this.#card = card;
    this.#options = options;
  }

  load(options: Parameters<Engine['load']>[0] = {}): Promise<EngineFacts> {
    this.#loading ??= this.#load(options).catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #load({ signal, onProgress }: NonNullable<Parameters<Engine['load']>[0]>): Promise<EngineFacts> {
    const folder = resolve(this.#options.modelsFolder, this.#card.folder);
    await checkFiles(folder, this.#card.files, { signal, onProgress });
    env.allowRemoteModels = false;
    // transformers.js takes no id with "..", which a card outside the models' folder has.
    env.localModelPath = `${dirname(folder)}/`;
    const threads = this.#options.threads ?? Math.min(2, availableParallelism());
    const opened = await openModel({ ...this.#card, folder: basename(folder) }, 'cpu', {
      intraOpNumThreads: threads,
    });
    const selfTest: unknown = JSON.parse(await readFile(join(folder, selfTestPath), 'utf8'));
    const fault = await checkDevice(opened, selfTest);
    if (fault) throw new EngineError(`${fault} Report this with your processor's name.`);
    signal?.throwIfAborted();
    this.#opened = opened;
    this.#batcher = makeBatcher(opened, maxRows);
    return engineFacts(opened, { concurrency: maxRows, notes: [] });
  }

  async generate(...[request, options]: Parameters<Engine['generate']>): ReturnType<Engine['generate']> {
    return this.#loaded().generate(request, options);
  }

  async score(...[request, options]: Parameters<Score>): ReturnType<Score> {
    return this.#loaded().score(request, options);
  }

  async dispose(): Promise<void> {
    this.#batcher?.close(new EngineLostError('The model was unloaded. Load it again to go on.'));
    this.#batcher = null;
    await this.#opened?.model.dispose();
    this.#opened = null;
  }

  #loaded(): Batcher {
    if (this.#batcher) return this.#batcher;
    throw new EngineLostError('The model is not loaded. Load it first.');
  }
}
