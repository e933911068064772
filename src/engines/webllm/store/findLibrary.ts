import { ModelFileError } from '../../../core/errors.ts';
import type { WebLlmCard } from '../../../core/model.ts';
import { AddressSource } from './addressSource.ts';
import type { CheckpointSource } from './checkpointSource.ts';
import { sha256Of } from '../../fileHashes.ts';
import { libraryName } from './manifest.ts';
import { libraryAddress } from './placeOf.ts';
import type { FindLibrary } from './readCheckpoint.ts';
import type { WebLlmCache } from './webLlmCache.ts';

/** Which library was fetched from which address, so that a persona's import needs no network after its base's. */
function rememberedAt(address: string): string {
  return `https://checkpoint.invalid/library-of/${encodeURIComponent(address)}`;
}

/**
 * Finds the library for a card: beside the files, else the one that was fetched before, else at the card's address.
 * Errors: {@link ModelFileError}.
 */
export function findLibraryFor(
  card: WebLlmCard,
  source: CheckpointSource,
  cache: WebLlmCache,
  signal: AbortSignal | undefined,
): FindLibrary {
  return async (quantisation) => {
    const variant = card.variants.find((known) => known.quantisation === quantisation);
    if (!variant) {
      const known = card.variants.map((other) => other.quantisation).join(' or ');
      throw new ModelFileError(
        `The checkpoint is ${quantisation}, and ${card.name} is run as ${known} only.`,
      );
    }
    const isAddress = /^https?:/.test(variant.library);
    const beside = source.findLibrary() ?? (isAddress ? null : variant.library);
    if (beside !== null) {
      const bytes = await source.read(beside, { signal });
      if (bytes) return bytes;
      throw new ModelFileError(
        `There is no model library ${beside} in ${source.name}. Put the compiled library (${libraryName}) beside the ` +
          'files of the checkpoint.',
      );
    }
    return fetchLibrary(variant.library, cache, signal);
  };
}

async function fetchLibrary(
  address: string,
  cache: WebLlmCache,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const remembered = await cache.get('webllm/wasm', rememberedAt(address));
  const place = typeof remembered === 'string' ? libraryAddress(remembered) : null;
  const stored = place && (await cache.get('webllm/wasm', place));
  if (stored instanceof ArrayBuffer) return new Uint8Array(stored);
  const cut = address.lastIndexOf('/') + 1;
  const bytes = await new AddressSource(address.slice(0, cut)).read(address.slice(cut), { signal });
  if (!bytes) {
    throw new ModelFileError(
      `The model library is no longer at ${address}. Put a compiled library (${libraryName}) beside the files of the ` +
        'checkpoint, see models/webllm/README.md.',
    );
  }
  await cache.put('webllm/wasm', rememberedAt(address), await sha256Of(bytes));
  return bytes;
}
