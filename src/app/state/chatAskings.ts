import type { ModelCard } from '../../core/model.ts';
import type { Asking } from './growingAnswer.svelte.ts';
import type { ChatSettings } from './settingsState.svelte.ts';

/**
 * Asks a card `times` with seeds that follow one another: the first is that of the settings, or drawn anew where there
 * is none or `isAnew` wants another answer than before.
 */
export function chatAskings(
  card: ModelCard,
  { temperature, topP, maxTokens, seed }: ChatSettings,
  { times = 1, isAnew = false }: { readonly times?: number; readonly isAnew?: boolean } = {},
): readonly Asking[] {
  const drawn = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const first = isAnew ? drawn : (seed ?? drawn);
  const sampling = { temperature, topP, maxTokens, stop: [] };
  // Seeds have 32 bits.
  return Array.from({ length: times }, (_, index) => ({ card, sampling, seed: (first + index) >>> 0 }));
}
