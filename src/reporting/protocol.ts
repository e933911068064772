import type { ReportEvent, ReportRequest, ReportSource } from '../findings/report/reportStream.ts';
import type { ResultsEvent, ResultsRequest, ResultsSource } from '../findings/results/resultsStream.ts';

/** To the worker. */
export type NumberedRequest =
  | { readonly id: number; readonly kind: 'report'; readonly request: ReportRequest }
  | { readonly id: number; readonly kind: 'results'; readonly request: ResultsRequest };

/** From the worker, to the request of the same number. */
export type NumberedEvent =
  | { readonly id: number; readonly kind: 'report'; readonly event: ReportEvent }
  | { readonly id: number; readonly kind: 'results'; readonly event: ResultsEvent };

/** What pages ask of a run's records. */
export interface RunSources {
  /** Starts what answers, where it is not running: the first question then waits for less. */
  readonly startReader: () => void;
  readonly report: ReportSource;
  readonly results: ResultsSource;
}
