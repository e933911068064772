import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { FileHashes } from '../../checkpoint/verifyCheckpoint.ts';
import { StoreError } from '../../core/errors.ts';
import type { WrittenRange } from './workerCalls.ts';

const pieceBytes = 4 * 2 ** 20;

/** Reads the whole file once. */
export async function hashFile(path: string): Promise<FileHashes> {
  const hashes = startHashes();
  for await (const piece of readPieces(path, 0, (await stat(path)).size)) hashes.update(piece);
  return hashes.digest();
}

/** SHA-256 of a file that is only read. */
export async function hashSource(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of readPieces(path, 0, (await stat(path)).size)) hash.update(piece);
  return hash.digest('hex');
}

/**
 * Syncs a file to the disk, reads it back and checks each range; together they must be the whole file. Throws
 * {@link StoreError} where the disk did not keep what was written.
 */
export async function sealFile(path: string, ranges: readonly WrittenRange[]): Promise<FileHashes> {
  await syncFile(path);
  const hashes = startHashes();
  let position = 0;
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    let found = 0;
    for await (const piece of readPieces(path, range.start, range.end)) {
      hashes.update(piece);
      found = crc32(piece, found);
    }
    if (range.start !== position || found !== range.crc32) throw notKept(path);
    position = range.end;
  }
  if ((await stat(path)).size !== position) throw notKept(path);
  return hashes.digest();
}

/** Makes what was written to a file, or the names in a folder, outlive a power cut. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function startHashes() {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')];
  return {
    update(bytes: Uint8Array) {
      sha256.update(bytes);
      md5.update(bytes);
    },
    digest: (): FileHashes => ({ sha256: sha256.digest('hex'), md5: md5.digest('hex') }),
  };
}

/** The pieces share one buffer: each is gone with the next. */
async function* readPieces(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, end - start));
    for (let position = start; position < end;) {
      const length = Math.min(buffer.length, end - position);
      const { bytesRead } = await file.read(buffer, 0, length, position);
      if (bytesRead === 0) throw new StoreError(`${path} became shorter while it was read. Start again.`);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function notKept(path: string): StoreError {
  return new StoreError(`${path} is not what was written to it. Check the disk, then start again.`);
}
