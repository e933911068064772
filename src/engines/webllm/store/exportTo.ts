import type { CheckpointProgress } from '../../../core/checkpointState.ts';
import { isAbort, StoreError, sentenceOf } from '../../../core/errors.ts';
import type { InstalledCheckpoint } from '../../../core/model.ts';
import type { CheckpointStore } from './checkpointStore.ts';

interface ExportOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CheckpointProgress) => void;
}

/**
 * Writes all stored files into a folder, the library among them: importing it needs no network.
 * Errors: {@link StoreError} when the folder cannot be written, {@link ModelFileError} when a file is not stored.
 */
export async function exportTo(
  store: CheckpointStore,
  { sha256 }: InstalledCheckpoint,
  folder: FileSystemDirectoryHandle,
  { signal, onProgress }: ExportOptions,
): Promise<void> {
  const { files } = await store.manifestOf({ sha256 });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let written = 0;
  for (const [index, file] of files.entries()) {
    signal.throwIfAborted();
    const content = await store.read(file, sha256);
    await write(folder, file.path, content);
    written += file.bytes;
    onProgress({
      ...{ files: files.length, bytes, storedFiles: index + 1, storedBytes: written },
      ...{ pendingBytes: 0, lanes: 1 },
    });
  }
}

async function write(
  folder: FileSystemDirectoryHandle,
  name: string,
  content: Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    const file = await folder.getFileHandle(name, { create: true });
    const writer = await file.createWritable();
    await writer.write(content);
    await writer.close();
  } catch (cause) {
    if (isAbort(cause)) throw cause;
    throw new StoreError(
      `${name} could not be written into the folder (${sentenceOf(cause)}). Is there room on the drive? Choose the ` +
        'folder again; what is stored in the browser is untouched.',
      { cause },
    );
  }
}
