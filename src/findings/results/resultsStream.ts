import type { Run } from '../../core/run.ts';
import type { ResultsAnswer, ResultsQuestion } from './answerQuestion.ts';

/** What a page asks for. */
export interface ResultsRequest {
  readonly run: Run;
  readonly question: ResultsQuestion;
  /** Read the records again, although they were read before. */
  readonly isFresh: boolean;
}

/** What comes back: any number of `read`, then one of the others. */
export type ResultsEvent =
  | { readonly type: 'read'; readonly answers: number }
  | { readonly type: 'answer'; readonly answer: ResultsAnswer }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

/** A new request takes the place of the one before, which then tells no more. */
export type ResultsSource = (request: ResultsRequest, tell: (event: ResultsEvent) => void) => void;
