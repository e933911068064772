import type { Growth } from './inFlight.ts';
import type { ModelCard } from './model.ts';
import type { EngineFacts, LoadProgress } from './ports/engine.ts';
import type { Rollout } from './rollout.ts';

export interface CollectCounts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
}

/** Of any collecting. */
export type CellEvent =
  | { readonly type: 'planned'; readonly counts: CollectCounts }
  | { readonly type: 'loading'; readonly model: ModelCard; readonly progress: LoadProgress | null }
  | { readonly type: 'loaded'; readonly model: ModelCard; readonly facts: EngineFacts }
  | { readonly type: 'lost'; readonly model: ModelCard; readonly error: string };

export type CollectEvent =
  | CellEvent
  | ({ readonly type: 'growing' } & Growth)
  | { readonly type: 'rollout'; readonly rollout: Rollout; readonly counts: CollectCounts };

export type CollectOutcome =
  | { readonly state: 'complete' | 'paused' | 'stopped'; readonly counts: CollectCounts }
  | { readonly state: 'broken'; readonly counts: CollectCounts; readonly error: string };
