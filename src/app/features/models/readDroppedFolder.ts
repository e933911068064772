/** Files by name. Folders inside are left out: a checkpoint is flat. */
export type FolderFiles = ReadonlyMap<string, File>;

/** The files that a folder input holds. */
export function filesOfInput(list: Iterable<File>): FolderFiles {
  const flat = [...list].filter(({ webkitRelativePath }) => webkitRelativePath.split('/').length <= 2);
  return new Map(flat.map((file) => [file.name, file]));
}

/** The files of a dropped folder, or those that were dropped themselves. Errors: what the browser says. */
export async function filesOfDrop(items: DataTransferItemList): Promise<FolderFiles> {
  // The list is empty after the first await.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found: FileSystemFileEntry[] = [];
  for (const entry of entries) {
    const inside = entry.isDirectory ? await entriesOf(entry as FileSystemDirectoryEntry) : [entry];
    found.push(...inside.filter((each): each is FileSystemFileEntry => each.isFile));
  }
  const files = await Promise.all(
    found.map((entry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject))),
  );
  return new Map(files.map((file) => [file.name, file]));
}

/** A reader gives at most a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return entries;
    entries.push(...some);
  }
}
