import { SvelteMap } from 'svelte/reactivity';
import { isAbort } from '../../core/errors.ts';
import type { Engine, GenerationRequest } from '../../core/ports/engine.ts';
import type { FindRecording, Recording } from '../../core/recordings.ts';

/** The one recording answers whatever is asked. */
const anything: GenerationRequest = {
  messages: [],
  sampling: { temperature: 0, topP: 1, maxTokens: 1, stop: [] },
  seed: 0,
};

/** Stored answers that are being shown again as they came, any number at once. Nothing is stored of it. */
export class ReplaysState {
  readonly #openRecorded: (find: FindRecording) => Engine;
  readonly #shown = new SvelteMap<string, string>();
  readonly #stops = new Map<string, AbortController>();

  constructor(openRecorded: (find: FindRecording) => Engine) {
    this.#openRecorded = openRecorded;
  }

  /** What has come so far of the answer with this id (a turn's, or a rollout's key); null while it is not replayed. */
  shownOf(id: string): string | null {
    return this.#shown.get(id) ?? null;
  }

  /** Replays an answer, or shows the whole of it where it is being replayed. Resolves at its end. */
  async toggle(id: string, recording: Recording): Promise<void> {
    if (this.#shown.has(id)) return this.stop(id);
    const controller = new AbortController();
    this.#stops.set(id, controller);
    this.#shown.set(id, '');
    const engine = this.#openRecorded(async () => recording);
    const { signal } = controller;
    try {
      await engine.generate(anything, { signal, onText: (text) => this.#shown.set(id, text) });
    } catch (error) {
      if (!isAbort(error)) throw error;
    } finally {
      if (this.#stops.get(id) === controller) this.#end(id);
      await engine.dispose();
    }
  }

  stop(id: string): void {
    this.#stops.get(id)?.abort(new DOMException('The replay was stopped.', 'AbortError'));
    this.#end(id);
  }

  #end(id: string): void {
    this.#stops.delete(id);
    this.#shown.delete(id);
  }
}
