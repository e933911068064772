import type { LowRank } from './adapter.ts';
import { CheckpointError } from './checkpointError.ts';
import {
  findNonFinite,
  fromBfloat16Bits,
  fromFloat16Bits,
  roundTo,
  toBfloat16Bits,
  toFloat16Bits,
  toFloat32,
} from './floats.ts';
import { type QuantisationError, quantiseRows } from './groupQuant.ts';
import { type MatrixProduct, mergeRows } from './merge.ts';
import { isGrouped, isHalf, limitOf, type Quantisation, type Ties } from './quantisation.ts';
import { bytesOf, type FloatType, type TensorInfo } from './tensor.ts';

/** Some rows of one tensor of the base, from its bytes in the file to the bytes that are stored. */
export interface RowBlock {
  readonly weight: TensorInfo;
  /** The type of the base's weight, also where an adapter replaces it. */
  readonly baseType: FloatType;
  /** A vector counts as one row. */
  readonly columns: number;
  readonly firstRow: number;
  readonly rows: number;
  /** What adapters add, in order. */
  readonly deltas: readonly LowRank[];
  readonly rounding: 'exact' | 'peft';
  readonly quantisation: Quantisation;
  readonly quantised: boolean;
  readonly ties: Ties;
}

/** Bytes [start, end) of a file; they are not written to. */
export type ReadRange = (file: string, start: number, end: number) => Promise<Uint8Array>;

/** The bytes that a block needs, as the files have them. */
export interface BlockInput {
  readonly weight: Uint8Array;
  readonly deltas: readonly DeltaInput[];
}

interface DeltaInput {
  /** B's rows; of a transposed delta the columns of A, a run for each of A's rows. */
  readonly left: Uint8Array;
  /** A, or a transposed delta's B. */
  readonly right: Uint8Array;
  readonly magnitude: Uint8Array | null;
}

export interface BlockResult {
  /** As stored: words and scales where the block is quantised, else values. */
  readonly parts: readonly Uint8Array[];
  readonly error: QuantisationError;
}

/** Reads what a block needs, and nothing else of its tensors. */
export async function readRowBlock(
  block: RowBlock,
  read: ReadRange,
  /** For what every block of a tensor needs; may hand out the same bytes again. */
  readShared: ReadRange = read,
): Promise<BlockInput> {
  const { weight, columns, firstRow, rows, deltas } = block;
  const [bytes, ...inputs] = await Promise.all([
    readRows(weight, columns, firstRow, rows, read),
    ...deltas.map((delta) => readDelta(delta, block, read, readShared)),
  ]);
  return { weight: bytes, deltas: inputs };
}

async function readDelta(
  delta: LowRank,
  { firstRow, rows }: RowBlock,
  read: ReadRange,
  readShared: ReadRange,
): Promise<DeltaInput> {
  const { a, b, rank, magnitude } = delta;
  const isTurned = turned(delta);
  const [left, right, magnitudes] = await Promise.all([
    isTurned ? readColumns(a, firstRow, rows, read) : readRows(b, rank, firstRow, rows, read),
    isTurned ? readShared(b.file, b.start, b.end) : readShared(a.file, a.start, a.end),
    magnitude ? readRows(magnitude, 1, firstRow, rows, read) : null,
  ]);
  return { left, right, magnitude: magnitudes };
}

/** Whether B @ A is the transpose of what is added: embeddings, and layers that store [in, out]. */
const turned = ({ transposed, embedding }: LowRank): boolean => transposed || embedding;

function readRows(tensor: TensorInfo, columns: number, firstRow: number, rows: number, read: ReadRange) {
  const rowBytes = columns * bytesOf[tensor.dtype];
  const start = tensor.start + firstRow * rowBytes;
  return read(tensor.file, start, start + rows * rowBytes);
}

async function readColumns(
  { file, start, shape, dtype }: TensorInfo,
  first: number,
  count: number,
  read: ReadRange,
): Promise<Uint8Array> {
  const [rows = 0, columns = 0] = shape;
  const size = bytesOf[dtype];
  const all = new Uint8Array(rows * count * size);
  for (let row = 0; row < rows; row++) {
    const from = start + (row * columns + first) * size;
    all.set(await read(file, from, from + count * size), row * count * size);
  }
  return all;
}

/** Merges and stores a block. Throws {@link CheckpointError} naming the tensor that cannot be stored. */
export async function convertRowBlock(
  block: RowBlock,
  input: BlockInput,
  multiply: MatrixProduct,
): Promise<BlockResult> {
  const values = await mergeRowBlock(block, input, multiply);
  refuseUnfit(values, block);
  return block.quantised && isGrouped(block.quantisation) ? quantise(values, block) : store(values, block);
}

/** The rows with all adapters in them, [rows, columns]. */
export async function mergeRowBlock(
  block: RowBlock,
  input: BlockInput,
  multiply: MatrixProduct,
): Promise<Float32Array> {
  const read = toFloat32(input.weight, block.weight.dtype);
  // Float32 is not copied, and what was read may not be written to.
  const values = block.weight.dtype === 'F32' ? read.slice() : read;
  // PEFT loads a replacement into the base's type.
  if (block.rounding === 'peft' && block.weight.dtype !== block.baseType) roundTo(values, block.baseType);
  const base = block.deltas.some(({ magnitude }) => magnitude) ? values.slice() : values;
  for (const [index, delta] of block.deltas.entries()) {
    const bytes = input.deltas[index];
    if (bytes) await mergeDelta(values, delta, { bytes, block, base, multiply });
  }
  return values;
}

interface DeltaWork {
  readonly bytes: DeltaInput;
  readonly block: RowBlock;
  /** The rows before any adapter. */
  readonly base: Float32Array;
  readonly multiply: MatrixProduct;
}

/** In place. */
async function mergeDelta(
  values: Float32Array,
  delta: LowRank,
  { bytes, block, base, multiply }: DeltaWork,
): Promise<void> {
  const { a, b, rank, scale, magnitude, embedding } = delta;
  const { rows, columns } = block;
  const isTurned = turned(delta);
  const left = toFloat32(bytes.left, isTurned ? a.dtype : b.dtype);
  const right = toFloat32(bytes.right, isTurned ? b.dtype : a.dtype);
  const product = await multiply(
    isTurned ? transpose(left, rank, rows) : left,
    isTurned ? transpose(right, columns, rank) : right,
    { rows, rank, columns },
  );
  const lengths = bytes.magnitude && magnitude ? toFloat32(bytes.magnitude, magnitude.dtype) : null;
  mergeRows(values, product, {
    ...{ columns, scale, rounding: block.rounding, weightType: block.baseType },
    ...{ embedding, dora: lengths ? { magnitude: lengths, base } : null },
  });
}

/** [rows, columns] to [columns, rows]. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return turned;
}

/** After the merge, since NaN and infinity never become finite again. */
function refuseUnfit(
  values: Float32Array,
  { weight, columns, firstRow, deltas, quantisation }: RowBlock,
): void {
  const index = findNonFinite(values, limitOf(quantisation));
  if (index < 0) return;
  const value = values[index] ?? NaN;
  const files = [weight, ...deltas.map(({ a }) => a)].map(({ file }) => file).join(' or ');
  const where = `${weight.name} holds ${value} in row ${firstRow + Math.floor(index / columns)}, column ${index % columns}`;
  throw new CheckpointError(
    Number.isFinite(value)
      ? `${where}, which float16 cannot hold. Choose q4f32_1 or q0f32.`
      : `${where}. ${files} is broken: get it again, or train with a lower rate.`,
  );
}

function quantise(values: Float32Array, { columns, quantisation, ties }: RowBlock): BlockResult {
  const kind = quantisation === 'q4f16_1' ? 'q4f16_1' : 'q4f32_1';
  const { words, scales, error } = quantiseRows(values, columns, kind, { ties });
  const stored = scales instanceof Float32Array ? toBfloat16Bits(scales) : scales;
  return { parts: [bytesIn(words), bytesIn(stored)], error };
}

function store(values: Float32Array, { quantisation }: RowBlock): BlockResult {
  const stored = isHalf(quantisation) ? toFloat16Bits(values) : toBfloat16Bits(values);
  const kept = isHalf(quantisation) ? fromFloat16Bits(stored) : fromBfloat16Bits(stored);
  const error = { squaredError: 0, squaredWeights: 0, worstGroup: 0 };
  values.forEach((value, index) => {
    error.squaredError += ((kept[index] ?? 0) - value) ** 2;
    error.squaredWeights += value ** 2;
  });
  return { parts: [bytesIn(stored)], error };
}

const bytesIn = ({ buffer, byteOffset, byteLength }: Uint16Array | Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
