import { letPageRun } from './readRunInSteps.ts';
import { saveFile } from './saveFile.ts';

/** Pieces written before the page gets a turn. */
const stepPieces = 500;

/** Hands a file to the user, written piece by piece so that the page stays free. */
export async function downloadFile(pieces: Iterable<BlobPart>, name: string, type: string): Promise<void> {
  const parts: Blob[] = [];
  let open: BlobPart[] = [];
  const close = async (): Promise<void> => {
    // A blob leaves the texts to the browser, which may keep them on disk.
    parts.push(new Blob(open));
    open = [];
    await letPageRun();
  };
  for (const piece of pieces) {
    open.push(piece);
    if (open.length >= stepPieces) await close();
  }
  await close();
  saveFile(name, new Blob(parts, { type }));
}

/** A name that every file system takes: "First run" as "first-run". */
export function fileNameOf(name: string): string {
  const stem = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return stem.slice(0, 60) || 'run';
}
