import type { TransformersCard } from '../../core/model.ts';
import type { EngineFacts, Generation, GenerationRequest, LoadProgress } from '../../core/ports/engine.ts';

/** `auto` takes a real GPU where there is one, else the CPU. */
export type DeviceChoice = 'auto' | 'wasm' | 'webgpu';

export interface LoadParams {
  readonly card: TransformersCard;
  /** Absolute address of the card's folder, ending in a slash. */
  readonly folderUrl: string;
  readonly device: DeviceChoice;
  /** CPU threads, where the page is cross-origin isolated. */
  readonly threads?: number;
}

/** What the page may ask of the worker. */
export type EngineCalls = {
  load: { params: LoadParams; event: LoadProgress; result: EngineFacts };
  generate: {
    params: GenerationRequest;
    event: { readonly text: string; readonly tokens: number };
    result: Generation;
  };
};
