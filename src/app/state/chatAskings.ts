import type { Pane } from '../../core/chat.ts';
import { dialled, hasDial } from '../../core/dial.ts';
import type { ModelCard } from '../../core/model.ts';
import type { Asking } from './growingAnswer.svelte.ts';
import type { ChatSettings } from './settingsState.svelte.ts';

export interface AskingOptions {
  /** How many answers at once. */
  readonly times?: number;
  /** Wants another answer than before, whatever the seed of the settings. */
  readonly isAnew?: boolean;
  readonly pane?: string | undefined;
}

/**
 * Asks a card with seeds that follow one another: the first is that of the settings, or drawn anew where there is
 * none.
 */
export function chatAskings(
  card: ModelCard,
  settings: ChatSettings,
  { times = 1, isAnew = false, pane }: AskingOptions = {},
): readonly Asking[] {
  const { temperature, dial } = settings;
  const first = seedFor(settings, isAnew);
  const voice = hasDial(card) ? dialled(card, dial) : card;
  return Array.from({ length: times }, (_, index) => ({
    ...{ card: voice, sampling: samplingOf(settings, temperature), pane },
    // Seeds have 32 bits.
    seed: (first + index) >>> 0,
  }));
}

/** Asks each pane once, all with the same seed. A pane whose model is gone is not asked. */
export function paneAskings(
  panes: readonly Pane[],
  cardOf: (model: string) => ModelCard | undefined,
  settings: ChatSettings,
  { isAnew = false }: Pick<AskingOptions, 'isAnew'> = {},
): readonly Asking[] {
  const seed = seedFor(settings, isAnew);
  return panes.flatMap(({ id: pane, model, temperature, isRecorded }) => {
    const card = cardOf(model);
    return card ? [{ card, sampling: samplingOf(settings, temperature), seed, pane, isRecorded }] : [];
  });
}

function seedFor({ seed }: ChatSettings, isAnew: boolean): number {
  const drawn = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  return isAnew ? drawn : (seed ?? drawn);
}

function samplingOf({ topP, maxTokens }: ChatSettings, temperature: number) {
  return { temperature, topP, maxTokens, stop: [] };
}
