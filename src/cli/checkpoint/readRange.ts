import { open } from 'node:fs/promises';
import { InputError } from '../../core/errors.ts';
import { explainFileErrors } from '../../stores/jsonlFolderErrors.ts';

/** Bytes [start, end) of a file, in a buffer of their own. */
export function readRange(path: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  return explainFileErrors(path, async () => {
    const bytes = new Uint8Array(end - start);
    const file = await open(path);
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
        if (bytesRead === 0) throw new InputError(`${path} ends before byte ${end}. It is cut off.`);
        done += bytesRead;
      }
    } finally {
      await file.close();
    }
    return bytes;
  });
}
