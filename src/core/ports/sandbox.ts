/** A function of a script, and the arguments of its calls. */
export interface SandboxCall {
  /** JavaScript of whatever origin. */
  readonly script: string;
  readonly functionName: string;
  /** Of each call; plain data. */
  readonly args: readonly (readonly unknown[])[];
}

/**
 * Runs code that nobody has read where it reaches nothing: no network, files, storage, page or process. The results
 * of the calls in their order, as JSON holds them; null when the script or a call fails, takes more than
 * {@link sandboxMs}, or wants more memory than there is. Errors: {@link JudgeError} when nothing can be run here.
 */
export type Sandbox = (call: SandboxCall) => Promise<readonly unknown[] | null>;

/** From the script's start: the tasks take microseconds, and a busy machine may pause them. */
export const sandboxMs = 2_000;
