import { stat } from 'node:fs/promises';
import { type ConversionPorts, runConversion } from '../../checkpoint/convert.ts';
import type { ConversionPlan, PlannedBlock } from '../../checkpoint/planConversion.ts';
import { InputError } from '../../core/errors.ts';
import type { Journal } from './journal.ts';
import type { OutputFolder } from './outputFolder.ts';
import type { WrittenRange } from './workerCalls.ts';
import type { WorkerPool } from './workerPool.ts';

export interface ConversionWork {
  readonly plan: ConversionPlan;
  readonly folder: OutputFolder;
  readonly journal: Journal;
  readonly pool: WorkerPool;
  /** Every file that the conversion rests on, by path, with its stamp when the plan was made. */
  readonly sources: ReadonlyMap<string, string>;
  readonly pause: AbortSignal;
  /** Called with the bytes of a source that are converted. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Converts the weights into the folder's shards, from where the journal ends, and takes the SHA-256 of every source.
 * False when it was paused before the end.
 */
export async function convertCheckpoint(work: ConversionWork): Promise<boolean> {
  const { plan, folder, journal, pool } = work;
  const finished = await checkFinished(work);
  await folder.reserve(
    plan.shards.flatMap(({ file, nbytes }, index) =>
      finished.has(index) ? [] : [{ name: file, bytes: nbytes }],
    ),
  );
  const hashing = new Map<string, Promise<void>>();
  const ports: ConversionPorts<WrittenRange> = {
    async convertBlock({ block, targets }, wanted) {
      // At the time of its first block, while the system still has in memory what both read.
      startHash(block.weight.file, hashing, work);
      const places = targets.map(({ shard, position }, index) =>
        wanted[index] ? { path: folder.pathOf(plan.shards[shard]?.file ?? ''), position } : null,
      );
      return pool.call('convertBlock', { block, targets: places });
    },
    keepError: (parameter, error) =>
      journal.add({ parameter: plan.parameters[parameter]?.name ?? '', error }),
    async sealShard(shard, ranges) {
      const file = plan.shards[shard]?.file ?? '';
      const hashes = await pool.call('sealFile', { path: folder.pathOf(file), ranges });
      await journal.add({ shard: file, hashes });
    },
    onBlock: (planned) => work.onBytes(bytesOfBlock(planned)),
  };
  countFinished(plan, finished, work);
  const isComplete = await runConversion(plan, ports, { lanes: pool.lanes, finished, pause: work.pause });
  if (!isComplete) return false;
  for (const path of work.sources.keys()) startHash(path, hashing, work);
  await Promise.all(hashing.values());
  return true;
}

/** Size, time of change and number of a file: another file, or another content, has another stamp. */
export async function stampOf(path: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(path);
  return `${size} ${mtimeMs} ${ino}`;
}

export function bytesOfBlock({ block }: PlannedBlock): number {
  const { weight, rows, columns } = block;
  const values = weight.shape.reduce((product, size) => product * size, 1);
  return ((weight.end - weight.start) * rows * columns) / values;
}

/** Shards that the journal calls finished, that still are what it says, and whose errors it knows. */
async function checkFinished({ plan, folder, journal, pool }: ConversionWork): Promise<ReadonlySet<number>> {
  const finished = new Set<number>();
  await Promise.all(
    plan.shards.map(async ({ file, nbytes }, index) => {
      const kept = journal.shards.get(file);
      if (!kept) return;
      const path = folder.pathOf(file);
      const size = await stat(path).then(
        (facts) => facts.size,
        () => -1, // gone: it is written again
      );
      if (size !== nbytes) return;
      const found = await pool.call('hashFile', { path });
      if (found.sha256 === kept.sha256) finished.add(index);
    }),
  );
  for (const { parameter, targets } of plan.blocks) {
    if (journal.errors.has(plan.parameters[parameter]?.name ?? '')) continue;
    for (const { shard } of targets) finished.delete(shard);
  }
  return finished;
}

function countFinished(
  plan: ConversionPlan,
  finished: ReadonlySet<number>,
  { onBytes }: ConversionWork,
): void {
  const open = new Set(
    plan.blocks
      .filter(({ targets }) => targets.some(({ shard }) => !finished.has(shard)))
      .map(({ parameter }) => parameter),
  );
  for (const planned of plan.blocks) if (!open.has(planned.parameter)) onBytes(bytesOfBlock(planned));
}

function startHash(path: string, hashing: Map<string, Promise<void>>, work: ConversionWork): void {
  if (hashing.has(path)) return;
  const done = hashSource(path, work);
  // Awaited at the end; a failure before then must not end the process.
  done.catch(() => undefined);
  hashing.set(path, done);
}

async function hashSource(path: string, { sources, journal, pool }: ConversionWork): Promise<void> {
  const stamp = sources.get(path) ?? '';
  const known = journal.sources.get(path);
  const sha256 = known?.stamp === stamp ? known.sha256 : await pool.call('hashSource', { path });
  if ((await stampOf(path)) !== stamp)
    throw new InputError(`${path} changed while it was converted. Begin anew with --restart.`);
  if (known?.stamp !== stamp) await journal.add({ source: path, stamp, sha256 });
}
