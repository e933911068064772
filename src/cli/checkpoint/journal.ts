import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../../core/errors.ts';
import { explainFileErrors } from '../../stores/jsonlFolderErrors.ts';
import { replaceFile } from '../../stores/jsonlFolderReplace.ts';
import { syncFile } from './sealFile.ts';

const hashesSchema = z.object({ sha256: z.string(), md5: z.string() });
const errorSchema = z.object({
  squaredError: z.number(),
  squaredWeights: z.number(),
  worstGroup: z.number(),
});
const lineSchema = z.union([
  z.object({ plan: z.string() }),
  z.object({ source: z.string(), stamp: z.string(), sha256: z.string() }),
  z.object({ parameter: z.string(), error: errorSchema }),
  z.object({ shard: z.string(), hashes: hashesSchema }),
]);
type Line = z.infer<typeof lineSchema>;

/**
 * What a conversion has finished, one line each, so that the next process goes on from there. A line that was being
 * written when the process ended counts for nothing.
 */
export class Journal {
  readonly #path: string;
  #queue: Promise<unknown> = Promise.resolve();
  /** SHA-256 of source files by path, with size and time of change as they were. */
  readonly sources = new Map<string, { readonly stamp: string; readonly sha256: string }>();
  readonly errors = new Map<string, z.infer<typeof errorSchema>>();
  readonly shards = new Map<string, z.infer<typeof hashesSchema>>();

  private constructor(path: string) {
    this.#path = path;
  }

  /** Throws {@link InputError} where the journal is of another conversion. */
  static async open(path: string, plan: string): Promise<Journal> {
    const journal = new Journal(path);
    const lines = await readLines(path);
    const [head] = lines;
    if (head && !('plan' in head && head.plan === plan)) {
      throw new InputError(
        `${path} is of a conversion with other files or settings. Type that command again, add --restart to begin anew, or choose another --out.`,
      );
    }
    // Rewritten whole, so that a cut line does not run into the next one.
    const kept = head ? lines : [{ plan }];
    await explainFileErrors(path, () => replaceFile(path, kept.map(textOf)));
    for (const line of kept) journal.#keep(line);
    return journal;
  }

  /** On the disk when the promise is fulfilled. */
  add(line: Line): Promise<void> {
    this.#keep(line);
    const done = this.#queue.then(() =>
      explainFileErrors(this.#path, async () => {
        await appendFile(this.#path, textOf(line));
        await syncFile(this.#path);
      }),
    );
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #keep(line: Line): void {
    if ('source' in line) this.sources.set(line.source, { stamp: line.stamp, sha256: line.sha256 });
    else if ('parameter' in line) this.errors.set(line.parameter, line.error);
    else if ('shard' in line) this.shards.set(line.shard, line.hashes);
  }
}

const textOf = (line: Line): string => `${JSON.stringify(line)}\n`;

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => parse(line) ?? []);
}

function parse(line: string): Line | null {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
