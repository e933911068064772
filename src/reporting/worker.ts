import { IndexedDbStore } from '../stores/indexedDb.ts';
import { rubrics } from '../suites/index.ts';
import type { NumberedEvent, NumberedRequest } from './protocol.ts';
import { RunReader } from './runReader.ts';

const reader = new RunReader({ store: new IndexedDbStore(), rubrics });

function send(event: NumberedEvent): void {
  self.postMessage(event);
}

self.addEventListener('message', ({ data }: MessageEvent<NumberedRequest>) => {
  const { id, kind } = data;
  if (kind === 'report') reader.report(data.request, (event) => send({ id, kind, event }));
  else reader.results(data.request, (event) => send({ id, kind, event }));
});
