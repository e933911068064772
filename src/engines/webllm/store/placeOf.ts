import { cacheName, configName } from '../../../checkpoint/fileNames.ts';
import { libraryName, type Manifest } from './manifest.ts';
import type { Shelf } from './webLlmCache.ts';

/** Nothing answers under this name: a file that is not stored cannot be fetched behind the user's back. */
const host = 'https://checkpoint.invalid/';

/** Where web-llm looks for a checkpoint's files. It takes only full addresses with /resolve/ in them. */
export function addressOf(sha256: string): string {
  return `${host}${sha256}/resolve/main/`;
}

/** Libraries are shared by checkpoints of the same shape. */
export function libraryAddress(sha256: string): string {
  return `${host}library/${sha256}.wasm`;
}

/** The list of files; web-llm does not know it. */
export function manifestAddress(sha256: string): string {
  return `${addressOf(sha256)}manifest.json`;
}

export interface Place {
  readonly shelf: Shelf;
  readonly url: string;
}

/** Where the bytes of a file are stored. */
export function placeOf(file: Manifest['files'][number], sha256: string): Place {
  const base = addressOf(sha256);
  if (file.path === libraryName) return { shelf: 'webllm/wasm', url: libraryAddress(file.sha256 ?? '') };
  if (file.path === configName) return { shelf: 'webllm/config', url: base + file.path };
  // web-llm keeps this one parsed; its bytes are kept beside, for the hash and for exports.
  if (file.path === cacheName) return { shelf: 'webllm/model', url: `${base}${file.path}.bytes` };
  return { shelf: 'webllm/model', url: base + file.path };
}

export function parsedCachePlace(sha256: string): Place {
  return { shelf: 'webllm/model', url: addressOf(sha256) + cacheName };
}
