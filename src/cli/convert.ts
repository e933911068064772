import type { Receipt } from '../checkpoint/receipt.ts';
import type { Quantisation, Ties } from '../checkpoint/quantisation.ts';
import { InputError } from '../core/errors.ts';
import { systemClock } from '../core/ports/clock.ts';
import { formatDuration, secondsLeft } from '../core/progress.ts';
import { bytesOfBlock, convertCheckpoint } from './checkpoint/convertCheckpoint.ts';
import { finishFolder } from './checkpoint/finishFolder.ts';
import type { Journal } from './checkpoint/journal.ts';
import { type HubSettings, openPlace, readHubSettings } from './checkpoint/openPlaces.ts';
import { OutputFolder } from './checkpoint/outputFolder.ts';
import type { Place } from './checkpoint/place.ts';
import { type PreparedConversion, prepareConversion } from './checkpoint/prepareConversion.ts';
import { type Adapter, type Base, readAdapter, readBase } from './checkpoint/readCheckpoint.ts';
import { WorkerPool } from './checkpoint/workerPool.ts';
import { type Interrupt, watchInterrupt } from './interrupt.ts';
import { type ExitCode, exitCodes, printResult, say, startProgress } from './output.ts';

export interface AdapterOption {
  readonly place: string;
  readonly scale: number;
}

export interface ConvertOptions {
  readonly base: string;
  readonly revision?: string;
  readonly adapter?: readonly AdapterOption[];
  readonly adapterRevision?: readonly string[];
  readonly scale: number;
  readonly quant: Quantisation;
  readonly ties: Ties;
  readonly peftCompatible?: boolean;
  readonly out: string;
  readonly token?: string;
  readonly cache?: string;
  readonly restart?: boolean;
  readonly workers?: number;
  readonly json?: boolean;
}

const mebi = 2 ** 20;

/** Merges adapters into a base, quantises it, and writes the folder that web-llm loads. */
export async function convert(options: ConvertOptions): Promise<ExitCode> {
  const interrupt = watchInterrupt('Every finished shard is kept.');
  const folder = await OutputFolder.open(options.out, { restart: options.restart === true, onNote: say });
  const pool = new WorkerPool(options.workers);
  // The second Ctrl-C ends what is in flight; its shards are then written anew.
  interrupt.stop.addEventListener('abort', () => void pool.close(), { once: true });
  try {
    const prepared = await prepare(options, interrupt);
    for (const note of prepared.notes) say(note);
    const journal = await folder.openJournal(prepared.id);
    if (!(await convertWeights(prepared, { options, folder, journal, pool, interrupt })))
      return paused(options);
    const receipt = await finishFolder({ prepared, folder, journal });
    await folder.publish();
    return report(receipt, options);
  } catch (error) {
    if (interrupt.stop.aborted || (interrupt.pause.aborted && error === interrupt.pause.reason))
      return paused(options);
    // Pure code has an error of its own, since it may import nothing of ours.
    if (error instanceof Error && error.name === 'CheckpointError')
      throw new InputError(error.message, { cause: error });
    throw error;
  } finally {
    interrupt.release();
    await pool.close();
    folder.close();
  }
}

function report(receipt: Receipt, { out, json = false }: ConvertOptions): ExitCode {
  const { base, adapters, quantisation, files, tensors } = receipt;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const worst = tensors.reduce((most, next) =>
    (next.relativeRms ?? 0) > (most.relativeRms ?? 0) ? next : most,
  );
  const names = [base, ...adapters].map(({ id }) => id).join(' with ');
  const text = [
    `${out} holds ${names} in ${quantisation}: ${files.length + 1} files, ${(bytes / 1e9).toFixed(2)} GB.`,
    `The largest error is ${(100 * (worst.relativeRms ?? 0)).toFixed(2)} % of the weights' size, in ${worst.name}.`,
  ].join('\n');
  printResult({ out, state: 'done', bytes, receipt }, text, { json });
  return exitCodes.done;
}

function paused(options: ConvertOptions): ExitCode {
  const text = 'Paused. Type the same command again to go on.';
  printResult({ out: options.out, state: 'paused' }, text, { json: options.json === true });
  return exitCodes.interrupted;
}

async function prepare(options: ConvertOptions, { pause }: Interrupt): Promise<PreparedConversion> {
  const settings = readHubSettings(options, pause);
  const fetch = fetchWithProgress(options.json === true);
  const base = await readBase(await openPlace(options.base, options.revision, settings), fetch);
  const adapters = await readAdapters(base, { options, settings, fetch });
  return prepareConversion(base, adapters, {
    quantisation: options.quant,
    ties: options.ties,
    rounding: options.peftCompatible ? 'peft' : 'exact',
  });
}

interface AdapterWork {
  readonly options: ConvertOptions;
  readonly settings: HubSettings;
  readonly fetch: (place: Place, names: readonly string[]) => Promise<void>;
}

async function readAdapters(base: Base, { options, settings, fetch }: AdapterWork): Promise<Adapter[]> {
  const adapters: Adapter[] = [];
  for (const [index, { place: name, scale }] of (options.adapter ?? []).entries()) {
    const place = await openPlace(name, options.adapterRevision?.[index], settings);
    adapters.push(await readAdapter(place, base, { scale: scale * options.scale, fetch }));
  }
  return adapters;
}

function fetchWithProgress(quiet: boolean): AdapterWork['fetch'] {
  return async (place, names) => {
    let line: ReturnType<typeof startProgress> | undefined;
    try {
      await place.fetch(names, (bytes, totalBytes) => {
        line ??= startProgress(Math.ceil(totalBytes / mebi), `Fetching ${place.id}, MiB`, { quiet });
        line.update(Math.floor(bytes / mebi), '');
      });
    } finally {
      line?.stop();
    }
  };
}

interface WeightWork {
  readonly options: ConvertOptions;
  readonly folder: OutputFolder;
  readonly journal: Journal;
  readonly pool: WorkerPool;
  readonly interrupt: Interrupt;
}

async function convertWeights(prepared: PreparedConversion, work: WeightWork): Promise<boolean> {
  const { options, folder, journal, pool, interrupt } = work;
  const total = prepared.plan.blocks.reduce((sum, planned) => sum + bytesOfBlock(planned), 0);
  const line = startProgress(Math.ceil(total / mebi), 'Converting, MiB', { quiet: options.json === true });
  const startedAtMs = systemClock.now();
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    const pace = { startedAtMs, nowMs: systemClock.now(), finished: done, left: total - done };
    const seconds = secondsLeft(pace);
    line.update(Math.floor(done / mebi), seconds === null ? '' : `about ${formatDuration(seconds)} left`);
  };
  try {
    const { plan, sources } = prepared;
    return await convertCheckpoint({
      ...{ plan, folder, journal, pool, sources, onBytes },
      pause: interrupt.pause,
    });
  } finally {
    line.stop();
  }
}
