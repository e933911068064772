import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ModelFileError } from '../../core/errors.ts';
import type { TransformersCard } from '../../core/model.ts';
import type { LoadProgress } from '../../core/ports/engine.ts';

interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Compares every file of a card with its size and SHA-256 (93 MB take 0.3 s). Errors: {@link ModelFileError}. */
export async function checkFiles(
  folder: string,
  files: TransformersCard['files'],
  { signal, onProgress }: CheckOptions = {},
): Promise<void> {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let loadedBytes = 0;
  for (const file of files) {
    signal?.throwIfAborted();
    await checkFile(folder, file);
    loadedBytes += file.bytes;
    onProgress?.({ phase: 'download', loadedBytes, totalBytes });
  }
}

async function checkFile(folder: string, file: TransformersCard['files'][number]): Promise<void> {
  const path = join(folder, file.path);
  const found = await stat(path).catch(() => null);
  if (!found) {
    throw new ModelFileError(
      `The model file ${path} is missing. Restore it from the repository, or rebuild it.`,
    );
  }
  const hash = createHash('sha256');
  if (found.size === file.bytes) await pipeline(createReadStream(path), hash);
  if (found.size === file.bytes && hash.digest('hex') === file.sha256) return;
  throw new ModelFileError(
    `The model file ${path} is not the one in the catalogue (it was cut or altered). ` +
      'Restore it from the repository, or rebuild it.',
  );
}
