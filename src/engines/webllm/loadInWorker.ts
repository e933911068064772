import { EngineError } from '../../core/errors.ts';
import { isWhole } from '../../core/checkpointState.ts';
import type { InstalledCheckpoint, WebLlmCard } from '../../core/model.ts';
import type { EngineFacts, LoadProgress } from '../../core/ports/engine.ts';
import { type AdapterFacts, faultOf, readAdapter } from './chooseVariant.ts';
import type { Decoder } from './decoder.ts';
import { library, openCheckpoint, type OpenedCheckpoint } from './openCheckpoint.ts';
import { openDecoder } from './openDecoder.ts';
import type { LoadParams } from './protocol.ts';
import { testPipeline } from './selfTest.ts';
import { AddressSource } from './store/addressSource.ts';
import { CheckpointStore } from './store/checkpointStore.ts';
import { configName } from '../../checkpoint/fileNames.ts';
import { libraryName, type Manifest } from './store/manifest.ts';

export interface WorkerModel {
  readonly decoder: Decoder;
  readonly facts: EngineFacts;
  readonly opened: OpenedCheckpoint;
}

interface LoadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  /** Tests put a GPU to the wrong here. */
  readonly test?: typeof testPipeline;
  /** False: one answer after the other, by web-llm itself. */
  readonly batching?: boolean;
}

/** Checks the GPU and the stored files, heals what is missing, opens the model and tests it. */
export async function loadInWorker(params: LoadParams, options: LoadOptions): Promise<WorkerModel> {
  const { card, ...rows } = params;
  const { signal, test = testPipeline, batching = true } = options;
  const installed = installedOf(card);
  const adapter = await readAdapter(navigator.gpu);
  refuseVariant(card, installed, adapter);
  const report = progressOf(options);
  const store = new CheckpointStore();
  const manifest = await makeWhole(store, installed, { signal, report });
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const parts = await readParts(store, manifest, installed);
  const open = async (ownTokens: number): Promise<OpenedCheckpoint> => {
    const opened = await openCheckpoint(card, {
      ...{ sha256: installed.sha256, ownTokens, ...parts },
      onProgress: ({ progress, text }) => {
        // First the shards go to the GPU, then its programs are compiled; both count from 0 to 1.
        const share = text.startsWith('Loading model from cache') ? progress : 1;
        report('compile', text.startsWith('Start') ? 0 : share * bytes, bytes);
      },
    });
    signal.throwIfAborted();
    report('check', bytes, bytes);
    return opened;
  };
  const { contextTokens } = card;
  const { quantisation } = installed;
  const { decoder, opened, result, fault } = await openDecoder(open, {
    ...{ contextTokens, quantisation, test, batching, ...rows },
  });
  const notes = [
    ...(result.isRight ? [] : [failingGpu(adapter, result.error, opened.pipeline.prefillChunkSize)]),
    ...(fault === null ? [] : [`Answers come one at a time: ${fault}`]),
  ];
  await warmUp(decoder, signal);
  const facts = {
    ...{ kind: 'webllm', device: 'webgpu', concurrency: decoder.concurrency, contextTokens, notes },
    // Another compiled library or GPU rounds otherwise, and may give another text.
    library: `${library}, model library ${parts.librarySha256.slice(0, 8)}, GPU ${adapter.name}`,
  };
  return { decoder, facts, opened };
}

function installedOf(card: WebLlmCard): InstalledCheckpoint {
  if (card.installed) return card.installed;
  throw new EngineError(
    `${card.name} is not installed on this device. Open Models to download or import it, or choose another model.`,
  );
}

function refuseVariant(card: WebLlmCard, installed: InstalledCheckpoint, adapter: AdapterFacts): void {
  const variant = card.variants.find(({ quantisation }) => quantisation === installed.quantisation);
  const fault = variant ? faultOf(variant, adapter) : `${installed.quantisation} is no variant of it`;
  if (!fault) return;
  throw new EngineError(
    `This GPU (${adapter.name}) cannot run ${card.name} as it is installed: ${fault}. Install another variant in Models, ` +
      'or choose the embedded model, which runs on the CPU.',
  );
}

type Report = (phase: LoadProgress['phase'], loadedBytes: number, totalBytes: number) => void;

function progressOf({ onProgress }: LoadOptions): Report {
  const startMs = performance.now();
  return (phase, loadedBytes, totalBytes) => {
    const seconds = Math.round((performance.now() - startMs) / 1000);
    onProgress({ phase, loadedBytes: Math.round(loadedBytes), totalBytes, seconds });
  };
}

/** Fetches what is missing, where it came from an address. Errors: {@link ModelFileError}, {@link StoreError}. */
async function makeWhole(
  store: CheckpointStore,
  installed: InstalledCheckpoint,
  { signal, report }: { readonly signal: AbortSignal; readonly report: Report },
): Promise<Manifest> {
  const manifest = await store.manifestOf(installed);
  const state = await store.stateOf(installed);
  if (!isWhole(state)) {
    if (installed.folder === null) {
      throw new EngineError(
        'Some of the model’s files are missing on this device, and they came from a folder. Import that folder again in Models.',
      );
    }
    await store.resume(installed, new AddressSource(installed.folder), {
      signal,
      onProgress: ({ storedBytes, pendingBytes, bytes }) =>
        report('download', storedBytes + pendingBytes, bytes),
    });
  }
  return manifest;
}

async function readParts(
  store: CheckpointStore,
  manifest: Manifest,
  { sha256 }: InstalledCheckpoint,
): Promise<{ readonly chatConfig: unknown; readonly librarySha256: string }> {
  const config = manifest.files.find(({ path }) => path === configName);
  const library = manifest.files.find(({ path }) => path === libraryName);
  if (!config || !library?.sha256)
    throw new EngineError('The model has no settings. Install it again in Models.');
  const text = new TextDecoder().decode(await store.read(config, sha256));
  return { chatConfig: JSON.parse(text) as unknown, librarySha256: library.sha256 };
}

function failingGpu({ name }: AdapterFacts, error: number, chunk: number): string {
  const size = Number.isFinite(error) ? `off by ${(100 * error).toPrecision(2)} %` : 'not a number';
  return (
    `This GPU (${name}) computes wrongly when a prompt is read in parts: the check is ${size}. Prompts of up to ${chunk} ` +
    'tokens are read at once and are right; do not trust answers in longer conversations. Another GPU or browser may do better.'
  );
}

/** The first tokens cost seconds on some GPUs; better here than on stage. It also finds a GPU that fails at once. */
async function warmUp(decoder: Decoder, signal: AbortSignal): Promise<void> {
  await decoder.generate(
    {
      messages: [{ role: 'user', content: 'Count from one to twenty.' }],
      sampling: { temperature: 0, topP: 1, maxTokens: 20, stop: [] },
      seed: 1,
    },
    { signal },
  );
}
