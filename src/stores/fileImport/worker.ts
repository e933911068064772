import { importFile } from '../../core/importFile.ts';
import { IndexedDbStore } from '../indexedDb.ts';
import type { ImportReply, ImportRequest } from './protocol.ts';

function send(reply: ImportReply): void {
  self.postMessage(reply);
}

self.addEventListener('message', ({ data: { kind, file } }: MessageEvent<ImportRequest>) => {
  const onProgress = (read: number): void => send({ type: 'progress', read });
  importFile(new IndexedDbStore(), kind, file, { onProgress }).then(
    (outcome) => send({ type: 'done', outcome }),
    (error: unknown) => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      send({ type: 'error', name, message });
    },
  );
});
