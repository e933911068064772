/**
 * Why a server gave no answer. The first six meet every request, the others this one. `address`: the server knows
 * no such path. `page`: a web page came instead. `cut`: the connection broke in the middle of an answer.
 */
export type FailureKind =
  | 'key'
  | 'credit'
  | 'model'
  | 'address'
  | 'page'
  | 'unreachable'
  | 'timeout'
  | 'busy'
  | 'server'
  | 'tooLong'
  | 'request'
  | 'cut';

/** Its message is a sentence for the user, without the API key. */
export class ServerFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = 'ServerFailure';
    this.kind = kind;
  }
}
