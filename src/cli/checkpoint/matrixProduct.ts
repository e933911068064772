import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { MatrixProduct } from '../../checkpoint/merge.ts';

/**
 * A matrix product on ONNX Runtime's kernels, on one thread: a worker on each core keeps all cores busy, and the
 * result of a block does not depend on how many there are.
 */
export async function createMultiply(): Promise<MatrixProduct> {
  const session = await InferenceSession.create(matMulModel(), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // Kept between calls an arena would hold the largest block ever multiplied.
    enableCpuMemArena: false,
  });
  return async (left, right, { rows, rank, columns }) => {
    const { product } = await session.run({
      left: new Tensor('float32', left, [rows, rank]),
      right: new Tensor('float32', right, [rank, columns]),
    });
    return product?.data as Float32Array;
  };
}

/** The ONNX file of one MatMul node, written field by field (onnx.proto3): a package for it would be megabytes. */
export function matMulModel(): Uint8Array {
  const float = 1;
  const matrix = (name: string, dims: readonly string[]): number[] => {
    const shape = dims.flatMap((dim) => bytesField(1, textField(2, dim)));
    const tensorType = [...numberField(1, float), ...bytesField(2, shape)];
    return [...textField(1, name), ...bytesField(2, bytesField(1, tensorType))];
  };
  const node = [
    ...textField(1, 'left'),
    ...textField(1, 'right'),
    ...textField(2, 'product'),
    ...textField(4, 'MatMul'),
  ];
  const graph = [
    ...bytesField(1, node),
    ...textField(2, 'product'),
    ...bytesField(11, matrix('left', ['rows', 'rank'])),
    ...bytesField(11, matrix('right', ['rank', 'columns'])),
    ...bytesField(12, matrix('product', ['rows', 'columns'])),
  ];
  const [irVersion, opset] = [8, 13];
  return Uint8Array.from([
    ...numberField(1, irVersion),
    ...bytesField(7, graph),
    ...bytesField(8, [...textField(1, ''), ...numberField(2, opset)]),
  ]);
}

const numberField = (field: number, value: number): number[] => [field << 3, value];

function bytesField(field: number, bytes: readonly number[]): number[] {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return [(field << 3) | 2, ...length, ...bytes];
}

const textField = (field: number, text: string): number[] =>
  bytesField(field, [...new TextEncoder().encode(text)]);
