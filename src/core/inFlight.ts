import type { Engine, Generation, GenerationRequest } from './ports/engine.ts';

/** Told with every piece of text, so it must cost nothing. */
export interface Growth {
  /** Generated since the last one was told. */
  readonly tokens: number;
  /** Answers in the making. */
  readonly inFlight: number;
}

/** Asks an engine, and tells how the answers in the making grow. */
export class InFlight {
  readonly #onGrowth: (growth: Growth) => void;
  #count = 0;

  constructor(onGrowth: (growth: Growth) => void) {
    this.#onGrowth = onGrowth;
  }

  /** Errors: as {@link Engine.generate}. */
  async generate(
    engine: Engine,
    request: GenerationRequest,
    signal: AbortSignal | undefined,
  ): Promise<Generation> {
    let seen = 0;
    const onText = (_: string, tokens: number): void => {
      const more = tokens - seen;
      seen = tokens;
      this.#tell(more);
    };
    this.#count += 1;
    this.#tell(0);
    try {
      return await engine.generate(request, { ...(signal ? { signal } : {}), onText });
    } finally {
      this.#count -= 1;
      this.#tell(0);
    }
  }

  #tell(tokens: number): void {
    this.#onGrowth({ tokens, inFlight: this.#count });
  }
}
