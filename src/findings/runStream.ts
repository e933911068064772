import type { Run } from '../core/run.ts';

/** What a page asks of a stored run. */
export interface RunRequest {
  readonly run: Run;
  /** Read the records again, although they were read before. */
  readonly isFresh: boolean;
}

/** What comes while records are read, and when that or the reckoning fails. */
export type CommonEvent =
  | { readonly type: 'read'; readonly answers: number }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

/** Any number of `read` comes first. A new request takes the place of the one before, which then tells no more. */
export type RunSource<Request extends RunRequest, Event> = (
  request: Request,
  tell: (event: Event) => void,
) => void;
