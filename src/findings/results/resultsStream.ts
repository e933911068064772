import type { CommonEvent, RunRequest, RunSource } from '../runStream.ts';
import type { ResultsAnswer, ResultsQuestion } from './answerQuestion.ts';

export interface ResultsRequest extends RunRequest {
  readonly question: ResultsQuestion;
}

export type ResultsEvent = CommonEvent | { readonly type: 'answer'; readonly answer: ResultsAnswer };

export type ResultsSource = RunSource<ResultsRequest, ResultsEvent>;
