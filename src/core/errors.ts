/**
 * Errors a user can meet. The message is a sentence that says what happened and what to do;
 * `name` is stable and survives a worker boundary (see engines/workerLink).
 */
export class OtherselfError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    // Not the class's own name: a bundler shortens it, and a worker's bundle to another one than the page's.
    this.name = Object.keys(kinds).find((name) => kinds[name] === new.target) ?? new.target.name;
  }
}

/** A file, record or field that is not what it should be. Nothing was stored. */
export class InputError extends OtherselfError {}
/** A model file is missing, cut or altered. */
export class ModelFileError extends OtherselfError {}
/** This one answer failed; the engine still works. */
export class EngineError extends OtherselfError {}
/** The engine is gone (device lost, worker crashed): load it anew. */
export class EngineLostError extends OtherselfError {}
/** The judge could not be reached, or refused. */
export class JudgeError extends OtherselfError {}
/** The judge refused in a way that the next answer will meet too (key, model, address): stop the queue. */
export class JudgeRefusedError extends JudgeError {}
/** Storage is full, blocked or broken. */
export class StoreError extends OtherselfError {}
/** Another tab or process works on the same run. */
export class LockedError extends OtherselfError {}

const kinds: Readonly<
  Record<string, new (message: string, options?: { cause?: unknown }) => OtherselfError>
> = {
  InputError,
  ModelFileError,
  EngineError,
  EngineLostError,
  JudgeError,
  JudgeRefusedError,
  StoreError,
  LockedError,
};

/** Rebuilds an error that crossed a worker boundary as a name and a message. */
export function reviveError(name: string, message: string): Error {
  const Kind = kinds[name];
  if (Kind) return new Kind(message);
  const error = new Error(message);
  error.name = name;
  return error;
}

/** The sentence to show for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
