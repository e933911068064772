import type { CommonEvent, RunRequest, RunSource } from '../runStream.ts';
import type { ReportChoice } from './buildReport.ts';
import type { Section } from './section.ts';

export interface ReportRequest extends RunRequest {
  readonly choice: ReportChoice;
}

/** Any number of `sections` comes before `done`. */
export type ReportEvent =
  | CommonEvent
  | { readonly type: 'sections'; readonly sections: readonly Section[] }
  | {
      readonly type: 'done';
      readonly head: string;
      /** All estimates, and before them the reading of who answers out of the texts. */
      readonly reckoningMs: number;
      readonly readingMs: number;
      /** Whether any forced answer is stored. */
      readonly isForced: boolean;
    };

export type ReportSource = RunSource<ReportRequest, ReportEvent>;
