/** The bytes of one file as they come, over as many tries as it takes. */
export class Download {
  readonly #onBytes: ((bytes: number) => void) | undefined;
  #parts: Uint8Array[] = [];
  #received = 0;

  constructor(onBytes?: (bytes: number) => void) {
    this.#onBytes = onBytes;
  }

  get received(): number {
    return this.#received;
  }

  restart(): void {
    this.#parts = [];
    this.#received = 0;
    this.#onBytes?.(0);
  }

  async take(response: Response, signal: AbortSignal | undefined): Promise<void> {
    const reader = response.body?.getReader();
    if (!reader) return;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      signal?.throwIfAborted();
      this.#parts.push(part.value);
      this.#received += part.value.length;
      this.#onBytes?.(this.#received);
    }
  }

  join(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#received);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    return whole;
  }
}
