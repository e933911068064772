import type { ReportRequest } from '../findings/report/reportStream.ts';
import { IndexedDbStore } from '../stores/indexedDb.ts';
import { rubrics } from '../suites/index.ts';
import type { NumberedEvent, NumberedRequest } from './protocol.ts';
import { ReportReader } from './reportReader.ts';

const reader = new ReportReader({ store: new IndexedDbStore(), rubrics });

self.addEventListener('message', ({ data: { id, request } }: MessageEvent<NumberedRequest>) => {
  answer(id, request);
});

function answer(id: number, request: ReportRequest): void {
  reader.report(request, (event) => self.postMessage({ id, event } satisfies NumberedEvent));
}
