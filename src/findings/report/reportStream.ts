import type { Run } from '../../core/run.ts';
import type { ReportChoice } from './buildReport.ts';
import type { Section } from './section.ts';

/** What a page asks for. */
export interface ReportRequest {
  readonly run: Run;
  readonly choice: ReportChoice;
  /** Read the records again, although they were read before. */
  readonly isFresh: boolean;
}

/** What comes back: any number of `read` and `sections`, then one of the others. */
export type ReportEvent =
  | { readonly type: 'read'; readonly answers: number }
  | { readonly type: 'sections'; readonly sections: readonly Section[] }
  | {
      readonly type: 'done';
      readonly head: string;
      readonly reckoningMs: number;
      /** Whether any forced answer is stored. */
      readonly isForced: boolean;
    }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

/** Tells a report in parts. A new request takes the place of the one before, which then tells no more. */
export type ReportSource = (request: ReportRequest, tell: (event: ReportEvent) => void) => void;
