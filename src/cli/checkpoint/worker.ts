import { open } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { convertRowBlock, readRowBlock } from '../../checkpoint/rowBlock.ts';
import { explainFileErrors } from '../../stores/jsonlFolderErrors.ts';
import { createMultiply } from './matrixProduct.ts';
import { readRange } from './readRange.ts';
import { hashFile, hashSource, sealFile } from './sealFile.ts';
import type { BlockTarget, CallMessage, ReplyMessage, WorkerHandlers, WrittenRange } from './workerCalls.ts';

const multiply = await createMultiply();
/** Blocks are computed one after the other, while the next one's bytes are on their way. */
let computing: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = computing.then(work);
  computing = result.catch(() => undefined);
  return result;
}

/** Factors of the adapters in hand: consecutive blocks are of the same tensor. */
const shared = new Map<string, Promise<Uint8Array>>();
const mostShared = 4;

function readShared(path: string, start: number, end: number): Promise<Uint8Array> {
  const key = `${start} ${end} ${path}`;
  const bytes = shared.get(key) ?? readRange(path, start, end);
  shared.delete(key);
  shared.set(key, bytes);
  const [oldest] = shared.keys();
  if (shared.size > mostShared && oldest !== undefined) shared.delete(oldest);
  return bytes;
}

async function writeAt({ path, position }: BlockTarget, bytes: Uint8Array): Promise<WrittenRange> {
  await explainFileErrors(path, async () => {
    const file = await open(path, 'r+');
    try {
      for (let done = 0; done < bytes.length;) {
        done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      }
    } finally {
      await file.close();
    }
  });
  return { start: position, end: position + bytes.length, crc32: crc32(bytes) };
}

const handlers: WorkerHandlers = {
  async convertBlock({ block, targets }) {
    const input = await readRowBlock(block, readRange, readShared);
    const { parts, error } = await inTurn(() => convertRowBlock(block, input, multiply));
    const written = await Promise.all(
      parts.map(async (bytes, index) => {
        const target = targets[index];
        return target ? writeAt(target, bytes) : null;
      }),
    );
    return { error, written };
  },
  sealFile: ({ path, ranges }) => inTurn(() => explainFileErrors(path, () => sealFile(path, ranges))),
  hashFile: ({ path }) => inTurn(() => explainFileErrors(path, () => hashFile(path))),
  hashSource: ({ path }) => inTurn(() => explainFileErrors(path, () => hashSource(path))),
};

async function answer({ id, method, params }: CallMessage): Promise<ReplyMessage> {
  try {
    return { id, result: await handlers[method](params as never) };
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { id, error: { name, message } };
  }
}

parentPort?.on('message', (call: CallMessage) => {
  void answer(call).then((reply) => parentPort?.postMessage(reply));
});
