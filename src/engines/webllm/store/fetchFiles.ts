import { runLanesTogether } from '../../../core/lanes.ts';
import { ModelFileError } from '../../../core/errors.ts';
import type { CheckpointProgress } from '../../../core/checkpointState.ts';
import type { CheckpointSource } from './checkpointSource.ts';
import { md5Of, sha256Of } from '../../fileHashes.ts';
import type { ManifestFile } from './manifest.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface FetchOptions {
  readonly signal: AbortSignal | undefined;
  /** Stores a file that fits its hash. */
  readonly store: (file: ManifestFile, bytes: Bytes) => Promise<void>;
  readonly onProgress: (running: Pick<CheckpointProgress, 'pendingBytes' | 'lanes'>) => void;
}

/** Whether bytes are what the list says. */
export async function isIntact(bytes: Bytes, file: ManifestFile): Promise<boolean> {
  if (bytes.length !== file.bytes) return false;
  return file.sha256 === null ? md5Of(bytes) === file.md5 : (await sha256Of(bytes)) === file.sha256;
}

/**
 * Fetches files in several lanes. One that cannot be had ends all of them; what was stored until then stays.
 * Errors: {@link ModelFileError} naming the file, and what `store` throws.
 */
export async function fetchFiles(
  source: CheckpointSource,
  files: readonly ManifestFile[],
  options: FetchOptions,
): Promise<void> {
  const pending = new Map<string, number>();
  const report = () => {
    const pendingBytes = [...pending.values()].reduce((sum, bytes) => sum + bytes, 0);
    options.onProgress({ pendingBytes, lanes: pending.size });
  };
  await runLanesTogether(files, source.lanes, options.signal, async (file, signal) => {
    const { path } = file;
    const onBytes = (bytes: number) => {
      pending.set(path, bytes);
      report();
    };
    const bytes = await fetchIntact(source, file, { signal, onBytes });
    signal.throwIfAborted();
    await options.store(file, bytes);
    pending.delete(path);
    report();
  });
  options.signal?.throwIfAborted();
}

async function fetchIntact(
  source: CheckpointSource,
  file: ManifestFile,
  options: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<Bytes> {
  for (let tried = 1; tried <= source.tries; tried += 1) {
    const bytes = await source.read(file.path, { ...options, bytes: file.bytes });
    if (!bytes) {
      throw new ModelFileError(
        `There is no ${file.path} in ${source.name}. The checkpoint is not complete there: get it from another place, ` +
          'or convert it anew; what is stored is kept.',
      );
    }
    if (await isIntact(bytes, file)) return bytes;
  }
  throw new ModelFileError(
    `${file.path} from ${source.name} was cut or altered: it does not fit its hash. Get the file anew from where the ` +
      'checkpoint was made; what is stored is kept.',
  );
}
