import type { AdapterPlan } from './adapter.ts';
import { CheckpointError } from './checkpointError.ts';
import type { ParameterPlan } from './parameterMap.ts';
import { isGrouped, isHalf, type Quantisation, type Ties } from './quantisation.ts';
import type { RowBlock } from './rowBlock.ts';
import { groupSize } from './groupQuant.ts';
import { planShards, type ShardPlan, type StoredTensor } from './shards.ts';
import { countOf, type TensorInfo } from './tensor.ts';

/** 4 MB as float32: above the cost of a call, and small enough to stay in a core's cache. */
const blockValues = 2 ** 20;

export interface ConversionRequest {
  readonly parameters: readonly ParameterPlan[];
  /** Applied in this order. */
  readonly adapters: readonly AdapterPlan[];
  readonly quantisation: Quantisation;
  readonly ties: Ties;
  readonly rounding: RowBlock['rounding'];
}

/** Bytes of a shard that a block writes. */
export interface PlannedTarget {
  readonly shard: number;
  readonly position: number;
}

export interface PlannedBlock {
  /** Index of the parameter that it is a part of. */
  readonly parameter: number;
  readonly block: RowBlock;
  /** One for each part of the result. */
  readonly targets: readonly PlannedTarget[];
}

export interface ConversionPlan {
  readonly parameters: readonly ParameterPlan[];
  readonly shards: readonly ShardPlan[];
  readonly blocks: readonly PlannedBlock[];
}

/** Lays out the whole output before a weight is read: where each row of each tensor will stand. */
export function planConversion(request: ConversionRequest): ConversionPlan {
  const { parameters, quantisation } = request;
  const stored = parameters.map((parameter) => storedTensors(parameter, quantisation));
  const shards = planShards(stored.flat());
  const places = new Map<string, PlannedTarget>();
  shards.forEach(({ tensors }, shard) => {
    for (const { name, byteOffset } of tensors) places.set(name, { shard, position: byteOffset });
  });
  const blocks = parameters.flatMap((parameter, index) =>
    [
      ...planBlocks(
        parameter,
        (stored[index] ?? []).map((tensor) => ({ ...tensor, ...placeOf(places, tensor.name) })),
        request,
      ),
    ].map((planned) => ({ parameter: index, ...planned })),
  );
  return { parameters, shards, blocks };
}

/** How a parameter stands in the shards, in the order in which a block's parts come. */
function storedTensors(
  { name, shape, quantised }: ParameterPlan,
  quantisation: Quantisation,
): readonly StoredTensor[] {
  const half = { dtype: 'float16', format: 'raw' } as const;
  const float = isHalf(quantisation) ? half : ({ dtype: 'float32', format: 'f32-to-bf16' } as const);
  // Both take two bytes a value.
  if (!quantised || !isGrouped(quantisation)) return [{ name, shape, ...float, nbytes: 2 * countOf(shape) }];
  const module = name.replace(/\.weight$/, '');
  const [rows, columns = 0] = shape;
  const groups = Math.ceil(columns / groupSize);
  const words = [rows, (groups * groupSize) / 8];
  return [
    { name: `${module}.q_weight`, shape: words, dtype: 'uint32', format: 'raw', nbytes: 4 * countOf(words) },
    { name: `${module}.q_scale`, shape: [rows, groups], ...float, nbytes: 2 * rows * groups },
  ];
}

function placeOf(places: ReadonlyMap<string, PlannedTarget>, name: string): PlannedTarget {
  const place = places.get(name);
  if (!place) throw new Error(`${name} is in no shard.`);
  return place;
}

function* planBlocks(
  parameter: ParameterPlan,
  places: readonly (StoredTensor & PlannedTarget)[],
  request: ConversionRequest,
): Generator<Omit<PlannedBlock, 'parameter'>> {
  const totalRows = rowsOf(parameter.shape);
  let firstStored = 0;
  for (const source of parameter.sources) {
    const columns = source.shape.at(-1) ?? 1;
    const rows = rowsOf(source.shape);
    const step = Math.max(1, Math.floor(blockValues / columns));
    const facts = { columns, quantised: parameter.quantised, ...weightOf(source, request) };
    for (let firstRow = 0; firstRow < rows; firstRow += step) {
      const storedRow = firstStored + firstRow;
      yield {
        block: { ...facts, firstRow, rows: Math.min(step, rows - firstRow) },
        targets: places.map(({ shard, position, nbytes }) => ({
          shard,
          position: position + (storedRow * nbytes) / totalRows,
        })),
      };
    }
    firstStored += rows;
  }
}

/** A vector is one row. */
const rowsOf = (shape: readonly number[]): number => (shape.length < 2 ? 1 : (shape[0] ?? 1));

function weightOf(source: TensorInfo, { adapters, quantisation, ties, rounding }: ConversionRequest) {
  const touching = adapters.filter(
    ({ deltas, replacements }) => deltas.has(source.name) || replacements.has(source.name),
  );
  // The first may do both: PEFT saves an embedding together with what it adds to it.
  const [replacement, late] = [touching.slice(0, 1), touching.slice(1)].map((some) =>
    some.map(({ replacements }) => replacements.get(source.name)).find((tensor) => tensor !== undefined),
  );
  if (late) {
    throw new CheckpointError(
      `${source.name} is replaced whole by ${late.file}, and changed by another adapter before. Leave one of them out.`,
    );
  }
  const deltas = touching.flatMap((adapter) => adapter.deltas.get(source.name) ?? []);
  return { weight: replacement ?? source, baseType: source.dtype, deltas, quantisation, ties, rounding };
}
