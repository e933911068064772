import type { QuantisationError } from './groupQuant.ts';
import type { ConversionPlan, PlannedBlock } from './planConversion.ts';

/** What a conversion asks of its environment. `Range` is whatever tells how bytes were written. */
export interface ConversionPorts<Range> {
  /** Reads, converts and writes; a target that is not wanted is finished already and must be left alone. */
  convertBlock(
    planned: PlannedBlock,
    wanted: readonly boolean[],
  ): Promise<{ readonly error: QuantisationError; readonly written: readonly (Range | null)[] }>;
  /** All of a parameter is converted. Called before the shards that hold it are sealed. */
  keepError(parameter: number, error: QuantisationError): Promise<void>;
  /** All of a shard is written. */
  sealShard(shard: number, written: readonly Range[]): Promise<void>;
  /** For a progress line. */
  onBlock?(planned: PlannedBlock): void;
}

export interface ConversionOptions {
  /** Blocks in flight at once. */
  readonly lanes: number;
  /** Shards that an earlier run has sealed. */
  readonly finished: ReadonlySet<number>;
  /** Begins nothing new once it is aborted. */
  readonly pause: AbortSignal;
}

/**
 * Converts what is not finished. False when it was paused before the end. Shards are independent of each other and
 * of `lanes`: any order of work gives the same bytes.
 */
export async function runConversion<Range>(
  plan: ConversionPlan,
  ports: ConversionPorts<Range>,
  options: ConversionOptions,
): Promise<boolean> {
  const books = new Books<Range>(plan, options.finished);
  const queue = books.blocks.values();
  let failed = false;
  const lane = async (): Promise<void> => {
    try {
      for (const planned of queue) {
        if (failed || options.pause.aborted) return;
        const wanted = planned.targets.map(({ shard }) => !options.finished.has(shard));
        const { error, written } = await ports.convertBlock(planned, wanted);
        ports.onBlock?.(planned);
        const done = books.enter(planned, error, written);
        if (done.error) await ports.keepError(planned.parameter, done.error);
        for (const shard of done.shards) await ports.sealShard(shard, books.rangesOf(shard));
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: options.lanes }, lane));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
  return books.isComplete;
}

/** What is done of which parameter and shard. */
class Books<Range> {
  readonly blocks: readonly PlannedBlock[];
  readonly #openBlocks = { parameters: new Map<number, number>(), shards: new Map<number, number>() };
  /** By block, since the sum of floats depends on its order. */
  readonly #errors = new Map<PlannedBlock, QuantisationError>();
  readonly #ranges = new Map<number, Range[]>();

  constructor({ parameters, blocks }: ConversionPlan, finished: ReadonlySet<number>) {
    const isFinished = parameters.map(() => true);
    for (const { parameter, targets } of blocks)
      if (targets.some(({ shard }) => !finished.has(shard))) isFinished[parameter] = false;
    this.blocks = blocks.filter(({ parameter }) => isFinished[parameter] === false);
    for (const { parameter, targets } of this.blocks) {
      add(this.#openBlocks.parameters, parameter, 1);
      for (const shard of shardsOf(targets, finished)) add(this.#openBlocks.shards, shard, 1);
    }
  }

  get isComplete(): boolean {
    return this.#openBlocks.parameters.size === 0;
  }

  /** Enters a block, and tells what it completes. */
  enter(planned: PlannedBlock, error: QuantisationError, written: readonly (Range | null)[]) {
    const { parameter, targets } = planned;
    this.#errors.set(planned, error);
    const shards = new Set<number>();
    targets.forEach(({ shard }, index) => {
      const range = written[index];
      if (range === null || range === undefined) return;
      this.#ranges.set(shard, [...(this.#ranges.get(shard) ?? []), range]);
      shards.add(shard);
    });
    return {
      error: add(this.#openBlocks.parameters, parameter, -1) ? this.#errorOf(parameter) : null,
      shards: [...shards].filter((shard) => add(this.#openBlocks.shards, shard, -1)),
    };
  }

  rangesOf(shard: number): readonly Range[] {
    return this.#ranges.get(shard) ?? [];
  }

  #errorOf(parameter: number): QuantisationError {
    const sum = { squaredError: 0, squaredWeights: 0, worstGroup: 0 };
    for (const block of this.blocks) {
      const error = block.parameter === parameter ? this.#errors.get(block) : undefined;
      if (!error) continue;
      sum.squaredError += error.squaredError;
      sum.squaredWeights += error.squaredWeights;
      sum.worstGroup = Math.max(sum.worstGroup, error.worstGroup);
    }
    return sum;
  }
}

function shardsOf(targets: PlannedBlock['targets'], finished: ReadonlySet<number>): Set<number> {
  return new Set(targets.map(({ shard }) => shard).filter((shard) => !finished.has(shard)));
}

/** True when nothing is left, and the key is gone. */
function add(counts: Map<number, number>, key: number, change: 1 | -1): boolean {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
  return count === 0;
}
