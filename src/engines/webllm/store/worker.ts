import type { CheckpointProgress } from '../../../core/checkpointState.ts';
import type { WebLlmCard } from '../../../core/model.ts';
import { serveLink } from '../../workerLink.ts';
import { chooseVariant, faultOf, readAdapter } from '../chooseVariant.ts';
import { AddressSource } from './addressSource.ts';
import type { CheckpointSource } from './checkpointSource.ts';
import { CheckpointStore } from './checkpointStore.ts';
import { exportTo } from './exportTo.ts';
import { FolderSource } from './folderSource.ts';
import type { FileOrigin, StoreCalls } from './protocol.ts';

// A chunk of the network is 64 kB: the page needs no message for each.
const progressIntervalMs = 100;

const store = new CheckpointStore();

serveLink<StoreCalls>(self, {
  stateOf: (installed) => store.stateOf(installed),
  install: async ({ card, from }, { signal, emit }) => {
    const { runnable, folder } = await runnableOn(card, from);
    return store.install(runnable, sourceOf(from, folder), folder, {
      signal,
      onKnown: (known) => emit({ known }),
      onProgress: seldom((progress) => emit({ progress })),
    });
  },
  resume: ({ installed, from }, { signal, emit }) =>
    store.resume(installed, sourceOf(from, installed.folder), { signal, onProgress: seldom(emit) }),
  verify: (installed, { signal, emit }) => store.verify(installed, { signal, onProgress: seldom(emit) }),
  remove: (installed) => store.remove(installed),
  exportTo: ({ installed, folder }, { signal, emit }) =>
    exportTo(store, installed, folder, { signal, onProgress: seldom(emit) }),
});

/** The card with what this GPU can run, and the address to fetch: nobody should download gigabytes in vain. */
async function runnableOn(
  card: WebLlmCard,
  { folder, files }: FileOrigin,
): Promise<{ readonly runnable: WebLlmCard; readonly folder: string | null }> {
  const adapter = await readAdapter(navigator.gpu);
  if (folder === null && files === null) {
    const published = card.variants.filter((variant) => variant.folder !== null);
    const chosen = chooseVariant(card.name, published, adapter);
    return { runnable: { ...card, variants: [chosen] }, folder: chosen.folder };
  }
  chooseVariant(card.name, card.variants, adapter);
  const variants = card.variants.filter((variant) => faultOf(variant, adapter) === null);
  return { runnable: { ...card, variants }, folder };
}

function sourceOf({ files }: FileOrigin, folder: string | null): CheckpointSource {
  return files || folder === null ? new FolderSource(files ?? new Map()) : new AddressSource(folder);
}

/** The first, then at most one in an interval, and always one that says that all is there. */
function seldom(emit: (progress: CheckpointProgress) => void): (progress: CheckpointProgress) => void {
  let sentMs = -Infinity;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - sentMs < progressIntervalMs && progress.storedFiles < progress.files) return;
    sentMs = nowMs;
    emit(progress);
  };
}
