/** A chat message as every engine takes it. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** How the next token is drawn. All of it is part of a rollout's key. */
export interface Sampling {
  /** 0 is greedy; the seed then changes nothing. */
  readonly temperature: number;
  /** Nucleus: the smallest set of tokens whose probability reaches topP, in (0, 1]. */
  readonly topP: number;
  readonly maxTokens: number;
  /** Texts that end an answer; the answer does not contain them. */
  readonly stop: readonly string[];
  /**
   * Above 0; 1 or absent is none. The logits of all tokens in prompt and answer are divided by it where they are
   * positive, else multiplied, each token once (Keskar et al., CTRL, 2019; Hugging Face's `repetition_penalty`).
   */
  readonly repetitionPenalty?: number;
}

/** A live LoRA adapter and its strength: 0 is the base model, 1 the adapter as trained. */
export interface AdapterScale {
  readonly id: string;
  readonly scale: number;
}

export interface GenerationRequest {
  readonly messages: readonly Message[];
  readonly sampling: Sampling;
  /** Unsigned 32-bit integer. */
  readonly seed: number;
  readonly adapters?: readonly AdapterScale[];
  /**
   * Asks for {@link Generation.logprobs}; changes nothing of the answer and is no part of a rollout's key. `named`:
   * texts whose first token, as it would begin an answer, is followed too. Texts that begin with the same token get
   * the same numbers.
   */
  readonly logprobs?: { readonly named: readonly string[] };
}

/**
 * Log-probabilities in nats, of the model's own distribution: at temperature 1, before repetition penalty and nucleus.
 * Null where a server does not tell.
 */
export interface TokenLogprobs {
  /** Of the token that was drawn, for each token of the answer. */
  readonly chosen: readonly (number | null)[];
  /** Of each named text's first token, in the request's order, at each token of the answer: [named][tokens]. */
  readonly named: readonly (readonly (number | null)[])[];
}

export interface Generation {
  readonly text: string;
  /** `stop`: the model ended its turn or met a stop text. `length`: maxTokens or the context was used up. */
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  /** Tokens generated, the end-of-turn token not counted. */
  readonly tokens: number;
  /** From the request's admission to its last token. */
  readonly durationMs: number;
  /** Milliseconds from admission to each token, where the engine knows them (replay needs it). */
  readonly tokenTimesMs?: readonly number[];
  /**
   * Length in UTF-16 units of the text that could be shown after each of these tokens. It never falls, since what may
   * become a stop text and half a character are held back; the last is that of the whole text.
   */
  readonly tokenEnds?: readonly number[];
  /** Rows decoded together when this one was admitted; 1 where the engine cannot tell. */
  readonly width: number;
  /** Where they were asked for, and the engine can tell any. */
  readonly logprobs?: TokenLogprobs;
  /** What the user should know of this answer, such as a parameter the server refused. */
  readonly notes?: readonly string[];
}

export interface ScoreRequest {
  readonly messages: readonly Message[];
  /** What the answer says already, nothing by default. */
  readonly begin?: string;
  /** Texts that could come next, none of them empty. */
  readonly continuations: readonly string[];
  readonly adapters?: readonly AdapterScale[];
}

export interface ContinuationScore {
  /** In nats, of the whole continuation: the sum of `tokenLogprobs`. */
  readonly logprob: number;
  /** Of each token, given those before it, as in {@link TokenLogprobs}; the end of the turn is not among them. */
  readonly tokenLogprobs: readonly number[];
}

export interface LoadProgress {
  readonly phase: 'download' | 'compile' | 'check';
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** Since the load began, where the engine tells. */
  readonly seconds?: number;
}

/** What an engine is once loaded; goes into every rollout's record. */
export interface EngineFacts {
  readonly kind: string;
  /** Where it computes: `wasm`, `webgpu`, `cpu`, or a server's address. */
  readonly device: string;
  /** Library and version, as `@huggingface/transformers 4.3.1`. */
  readonly library: string;
  /** Requests that are worth having in flight at once. */
  readonly concurrency: number;
  /** Tokens of a prompt and its answer together; null where the engine cannot tell. */
  readonly contextTokens: number | null;
  /** Sentences the user should see, such as a fallback that was taken. */
  readonly notes: readonly string[];
}

/**
 * A model that answers. One instance serves one set of weights; requests in flight may share a batch,
 * and the same request gives the same text whatever its batch mates (where `facts` of the device allow it).
 */
export interface Engine {
  /** Loads once; later calls return the same facts. Errors: {@link ModelFileError}, {@link EngineError}. */
  load(options?: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: LoadProgress) => void;
  }): Promise<EngineFacts>;

  /**
   * One answer. `onText` gets the whole text so far after each token; until the first, `onRead` is called after each part
   * of the prompt that was read, by engines that know of parts: a sign of life.
   * An abort rejects with the signal's reason and frees the slot.
   * Errors: {@link EngineError} for this request, {@link EngineLostError} when the engine has to be loaded anew.
   */
  generate(
    request: GenerationRequest,
    options?: {
      readonly signal?: AbortSignal;
      readonly onText?: (text: string, tokens: number) => void;
      readonly onRead?: () => void;
    },
  ): Promise<Generation>;

  /**
   * How likely the model would go on with each of the continuations, in their order; absent where an engine cannot tell.
   * A continuation's tokens are those in which `begin` with it differs from `begin` alone. Errors as of `generate`.
   */
  score?(
    request: ScoreRequest,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly ContinuationScore[]>;

  /** Ends all work and frees the memory. The engine cannot be used again. */
  dispose(): Promise<void>;
}

export type Score = NonNullable<Engine['score']>;
