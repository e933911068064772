import type { TransformersCard } from '../../core/model.ts';

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
