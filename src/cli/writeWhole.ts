import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError, sentenceOf } from '../core/errors.ts';

/** The file appears whole or not at all. Errors: {@link InputError}. */
export async function writeWhole(path: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.from(pieces), createWriteStream(draft, { flush: true }));
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new InputError(`${path} cannot be written: ${sentenceOf(cause)}. Choose another place.`, { cause });
  }
}
