import { OtherselfError, StoreError } from '../core/errors.ts';

const sentences: Readonly<Record<string, string>> = {
  ENOSPC:
    'the disk is full. Free space, then type the same command again; everything stored until now is kept',
  EDQUOT: 'your disk quota is used up. Free space, then type the same command again; what was stored is kept',
  EACCES: 'this is not allowed. Choose a folder of yours, or change its permissions',
  EPERM: 'this is not allowed. Choose a folder of yours, or change its permissions',
  EROFS: 'the disk is read-only. Choose another folder',
  ENOENT: 'there is no such folder. Make it, or give another one',
  ENOTDIR: 'a part of this path is a file. Give another folder',
  EISDIR: 'there is a folder where a file should be. Give another folder',
  EMFILE: 'too many files are open. Close other programs and try again',
};

/** Runs `work`, and turns errors of the file system into a {@link StoreError} about `path`. */
export async function explainFileErrors<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof OtherselfError || !(cause instanceof Error) || !('code' in cause)) throw cause;
    const code = String(cause.code);
    const why = sentences[code] ?? `the system says ${code} (${cause.message})`;
    throw new StoreError(`${path} cannot be read or written: ${why}.`, { cause });
  }
}
