import type { ReportEvent, ReportRequest } from '../findings/report/reportStream.ts';

/** To the worker. */
export interface NumberedRequest {
  readonly id: number;
  readonly request: ReportRequest;
}

/** From the worker, to the request of the same number. */
export interface NumberedEvent {
  readonly id: number;
  readonly event: ReportEvent;
}
