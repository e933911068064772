import { existsSync } from 'node:fs';
import { InputError } from '../core/errors.ts';
import type { Store } from '../core/ports/store.ts';
import type { Run } from '../core/run.ts';
import { openJsonlFolder } from '../stores/jsonlFolder.ts';
import { say } from './output.ts';

export interface RunFolder {
  readonly path: string;
  readonly store: Store;
  readonly run: Run | undefined;
}

/** Opens a folder that holds a run, or is to hold one. */
export async function openRunFolder(
  path: string,
  { create }: { readonly create: boolean },
): Promise<RunFolder> {
  const store = await openJsonlFolder(path, { create, onNote: say });
  const [id] = await store.keys('runs');
  const [run] = id === undefined ? [] : await store.get('runs', [id]);
  return { path, store, run };
}

/** Opens a folder that must hold a run. Throws {@link InputError}. */
export async function openStoredRun(path: string): Promise<RunFolder & { readonly run: Run }> {
  const missing = new InputError(`${path} holds no run. Make one with: otherself probe --out ${path}`);
  if (!existsSync(path)) throw missing;
  const folder = await openRunFolder(path, { create: false });
  if (!folder.run) throw missing;
  return { ...folder, run: folder.run };
}
