import { EngineError, sentenceOf } from '../../core/errors.ts';
import type { EngineFacts, LoadProgress } from '../../core/ports/engine.ts';
import type { Batcher } from '../batching/batcher.ts';
import { chooseDevice, type GpuLike } from './chooseDevice.ts';
import { engineFacts } from './engineFacts.ts';
import { fetchFiles } from './fetchFiles.ts';
import { checkDevice, makeBatcher, openModel, selfTestPath, type OpenedModel } from './openModel.ts';
import type { LoadParams } from './protocol.ts';
import { useFetchedFiles, useOwnRuntime } from './webRuntime.ts';

type Files = Awaited<ReturnType<typeof fetchFiles>>;

export interface WorkerModel {
  readonly batcher: Batcher;
  readonly facts: EngineFacts;
}

interface LoadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  /** Tests put a device to the wrong here. */
  readonly checkDevice?: typeof checkDevice;
}

type OpenChecked = (device: 'wasm' | 'webgpu') => Promise<OpenedModel>;

// Eight rows are 3x the rate of one on wasm; sixteen give little more and need 50 MB for keys and values.
const maxRows = 8;

/** Fetches, checks and opens a model in a worker, and falls back to wasm when a GPU computes wrongly. */
export async function loadInWorker(params: LoadParams, options: LoadOptions): Promise<WorkerModel> {
  const { card, folderUrl, threads = defaultThreads() } = params;
  const wanted = await chooseDevice(params.device, (navigator as unknown as { gpu?: GpuLike }).gpu);
  const files = await fetchFiles(folderUrl, card.files, options);
  const totalBytes = card.files.reduce((sum, file) => sum + file.bytes, 0);
  const report = (phase: LoadProgress['phase']) =>
    options.onProgress({ phase, loadedBytes: totalBytes, totalBytes });
  useOwnRuntime(wanted, threads);
  const forget = useFetchedFiles(files);
  try {
    const notes: string[] = [];
    const open: OpenChecked = (device) => openChecked(card, device, files, { ...options, report });
    const opened = (wanted === 'webgpu' ? await tryWebGpu(open, notes) : null) ?? (await open('wasm'));
    const batcher = makeBatcher(opened, maxRows);
    return { batcher, facts: engineFacts(opened, { concurrency: maxRows, notes }) };
  } finally {
    forget();
  }
}

/** Null, and a note that says why, when the GPU cannot be used. */
async function tryWebGpu(open: OpenChecked, notes: string[]): Promise<OpenedModel | null> {
  try {
    return await open('webgpu');
  } catch (error) {
    notes.push(`The model runs on the CPU, because the GPU could not be used: ${sentenceOf(error)}`);
    return null;
  }
}

async function openChecked(
  card: LoadParams['card'],
  device: 'wasm' | 'webgpu',
  files: Files,
  options: LoadOptions & { readonly report: (phase: LoadProgress['phase']) => void },
): Promise<OpenedModel> {
  options.report('compile');
  const opened = await openModel(card, device, {
    externalData: dataFiles(files),
    // The threads meet some 500 times per token: sleeping in between costs half the rate of a single row.
    // A thread that finds no work for a millisecond sleeps, so an idle model takes no processor.
    extra: { session: { intra_op: { spin_duration_us: '1000' } } },
  });
  options.report('check');
  const selfTest: unknown = JSON.parse(new TextDecoder().decode(files.get(selfTestPath)));
  const fault = await (options.checkDevice ?? checkDevice)(opened, selfTest);
  options.signal.throwIfAborted();
  if (!fault) return opened;
  await opened.model.dispose();
  throw new EngineError(fault);
}

/** The graph names its data files without their folder. */
function dataFiles(files: Files): { path: string; data: Uint8Array }[] {
  return [...files]
    .filter(([path]) => path.endsWith('.bin'))
    .map(([path, data]) => ({ path: path.slice(path.lastIndexOf('/') + 1), data }));
}

/**
 * Half the logical processors, at least two where there are two, four at most: a step is bound by memory, and
 * the page needs a processor too. One thread where the page is not isolated (no shared memory).
 */
function defaultThreads(): number {
  if (!globalThis.crossOriginIsolated) return 1;
  const processors = navigator.hardwareConcurrency;
  return Math.max(Math.min(2, processors), Math.min(4, Math.floor(processors / 2)));
}
