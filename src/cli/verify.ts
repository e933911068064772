import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Verification, verifyCheckpoint } from '../checkpoint/verifyCheckpoint.ts';
import { explainFileErrors } from '../stores/jsonlFolderErrors.ts';
import { WorkerPool } from './checkpoint/workerPool.ts';
import { type ExitCode, exitCodes, printResult, startProgress } from './output.ts';

export interface VerifyOptions {
  readonly json?: boolean;
}

const mebi = 2 ** 20;

/** Holds a folder that `otherself convert` made against its receipt: every byte of every file. */
export async function verify(path: string, { json = false }: VerifyOptions): Promise<ExitCode> {
  const pool = new WorkerPool();
  try {
    const { receipt, problems } = await verifyFolder(path, pool, { quiet: json });
    const files = receipt?.files.length ?? 0;
    const text =
      problems.length === 0
        ? `All ${files} files of ${path} are as they were written.`
        : `${problems.join('\n')}\n${path} is not as it was written. Convert or copy it again.`;
    printResult({ folder: path, ok: problems.length === 0, files, problems }, text, { json });
    return problems.length === 0 ? exitCodes.done : exitCodes.incomplete;
  } finally {
    await pool.close();
  }
}

async function verifyFolder(
  path: string,
  pool: WorkerPool,
  options: { readonly quiet: boolean },
): Promise<Verification> {
  const files = await listFolder(path);
  const totalBytes = [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
  const line = startProgress(Math.ceil(totalBytes / mebi), 'Reading, MiB', options);
  let doneBytes = 0;
  try {
    return await verifyCheckpoint(
      {
        files,
        readText: (name) => explainFileErrors(join(path, name), () => readFile(join(path, name), 'utf8')),
        hash: (name) => pool.call('hashFile', { path: join(path, name) }),
      },
      { onFile: (_, bytes) => line.update(Math.floor((doneBytes += bytes) / mebi), '') },
    );
  } finally {
    line.stop();
  }
}

async function listFolder(path: string): Promise<Map<string, number>> {
  return explainFileErrors(path, async () => {
    const names = (await readdir(path)).sort();
    return new Map(
      await Promise.all(names.map(async (name) => [name, (await stat(join(path, name))).size] as const)),
    );
  });
}
