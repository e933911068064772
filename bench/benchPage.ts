/** Rates of one measurement. */
export interface Measured {
  /** Tokens per second, all rows together, while all of them are at work. */
  readonly decodeRate: number;
  /** Tokens per second from the requests to the last token, prompts included. */
  readonly wholeRate: number;
  readonly tokens: number;
  /** The longest task on the page's own thread that took over 50 ms, in ms; 0 if there was none. */
  readonly longestTaskMs?: number;
}

export interface Loaded {
  readonly loadMs: number;
  readonly device: string;
}

/** What the bench page offers to the program that drives it. */
export interface BenchPage {
  loadOurs(threads: number | null): Promise<Loaded>;
  loadPeer(file: string, threads: number): Promise<Loaded>;
  answer(side: 'ours' | 'peer', rows: number, maxTokens: number): Promise<Measured>;
  unload(): Promise<void>;
}

/** The page's global scope, as the driving program sees it. */
export interface BenchGlobal {
  readonly bench: BenchPage;
}

export type StorageBackend = 'IndexedDB' | 'Cache API' | 'OPFS';

export interface ShardTask {
  readonly backend: StorageBackend;
  readonly task: 'write' | 'read';
  /** Of one shard. */
  readonly bytes: number;
  readonly shards: number;
}

/** The storage page's global scope. */
export interface StorageGlobal {
  /** Milliseconds for all shards. */
  moveShards(task: ShardTask): Promise<number>;
}

/** What the page of the WebGPU bench offers. */
export interface WebGpuBench {
  /** `folder`: of the checkpoint, relative to the page. */
  load(folder: string, widths: readonly number[]): Promise<{ adapter: string }>;
  /** Tokens per second of so many answers to one question at once; null: of one answer by web-llm itself. */
  answer(width: number | null, round: number, maxTokens: number): Promise<number>;
}

/** What bench/page/openingProbe.js puts into a page of the app. */
export interface OpeningGlobal {
  readonly openingProbe: {
    open(
      address: string,
      selector: string,
    ): Promise<{
      readonly ms: number;
      /** 0 if there was none over 50 ms. */
      readonly longestTaskMs: number;
      /** Of the last report that a worker told. */
      readonly reckoningMs: number;
      readonly readingMs: number;
    }>;
    scroll(
      frames: number,
      pxAFrame: number,
    ): Promise<{
      readonly gaps: readonly number[];
      readonly longestTaskMs: number;
      readonly scrolledPx: number;
    }>;
  };
}
