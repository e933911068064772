/** A checkpoint or adapter that is not what it should be; the sentence names the tensor and the file. */
export class CheckpointError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}
