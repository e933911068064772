import { dialled, hasDial } from '../../core/dial.ts';
import type { ModelCard } from '../../core/model.ts';
import type { Asking } from './growingAnswer.svelte.ts';
import type { ChatSettings } from './settingsState.svelte.ts';

/**
 * Asks a card `times` with seeds that follow one another: the first is that of the settings, or drawn anew where there
 * is none or `isAnew` wants another answer than before. A single answer may have the base's beside it, with its seed.
 */
export function chatAskings(
  card: ModelCard,
  { temperature, topP, maxTokens, seed, dial, isBesideBase }: ChatSettings,
  { times = 1, isAnew = false }: { readonly times?: number; readonly isAnew?: boolean } = {},
): readonly Asking[] {
  const drawn = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const first = isAnew ? drawn : (seed ?? drawn);
  const sampling = { temperature, topP, maxTokens, stop: [] };
  const voices = times === 1 ? voicesOf(card, dial, isBesideBase) : voicesOf(card, dial, false);
  return voices.flatMap((voice) =>
    // Seeds have 32 bits.
    Array.from({ length: times }, (_, index) => ({ card: voice, sampling, seed: (first + index) >>> 0 })),
  );
}

function voicesOf(card: ModelCard, dial: number, isBesideBase: boolean): readonly ModelCard[] {
  if (!hasDial(card)) return [card];
  const voice = dialled(card, dial);
  return isBesideBase && dial !== 0 ? [voice, dialled(card, 0)] : [voice];
}
