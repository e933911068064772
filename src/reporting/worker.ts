import { IndexedDbStore } from '../stores/indexedDb.ts';
import { rubrics } from '../suites/index.ts';
import type { NumberedEvent, NumberedRequest } from './protocol.ts';
import { RunReader } from './runReader.ts';

const store = new IndexedDbStore();
const reader = new RunReader({ store, rubrics });
// Opens the databases, which takes its time; what is wrong with them is told to the first who asks.
for (const collection of ['runs', 'rollouts', 'verdicts', 'rubrics'] as const)
  store.get(collection, ['']).catch(() => undefined);

function send(event: NumberedEvent): void {
  self.postMessage(event);
}

self.addEventListener('message', ({ data }: MessageEvent<NumberedRequest>) => {
  const { id, kind } = data;
  if (kind === 'report') reader.report(data.request, (event) => send({ id, kind, event }));
  else reader.results(data.request, (event) => send({ id, kind, event }));
});
