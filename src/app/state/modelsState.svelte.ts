import { findCard } from '../../core/dial.ts';
import { InputError } from '../../core/errors.ts';
import {
  type InstalledCheckpoint,
  type ModelCard,
  type OpenAiCard,
  type WebLlmCard,
  modelCardSchema,
} from '../../core/model.ts';
import type { Store } from '../../core/ports/store.ts';

/** The colours of styles/tokens.css: those of the known personas, then a scale for others. */
export const voices = [
  { value: 'base', label: 'Slate, base models' },
  { value: 'maria', label: 'Terracotta, Maria' },
  { value: 'emily', label: 'Forest green, Emily' },
  { value: 'mini', label: 'Ochre, the mini persona' },
  { value: 'violet', label: 'Violet' },
  { value: 'teal', label: 'Teal' },
  { value: 'rose', label: 'Rose' },
  { value: 'olive', label: 'Olive' },
] as const;
export type Voice = (typeof voices)[number]['value'];

/** A served model as the user writes it down. */
export interface ServedModel {
  readonly name: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly concurrency: number;
  readonly voice: Voice;
}

/** The models there are: the catalogue's and the user's own. */
export class ModelsState {
  readonly #store: Store;
  #catalogue = $state.raw<readonly ModelCard[]>([]);
  #own = $state.raw<readonly ModelCard[]>([]);

  constructor(catalogue: readonly ModelCard[], store: Store) {
    this.#catalogue = catalogue;
    this.#store = store;
  }

  get all(): readonly ModelCard[] {
    return [...this.#catalogue, ...this.#own];
  }
  /** Those that can be asked: a large one has to be installed first. */
  get ready(): readonly ModelCard[] {
    return this.all.filter((card) => card.engine !== 'webllm' || card.installed !== null);
  }
  /** Also with a position of its dial, as in `mini-persona@0.5`. */
  find(id: string): ModelCard | undefined {
    return findCard(this.all, id);
  }
  /** The same of those that can be asked. */
  findReady(id: string): ModelCard | undefined {
    return findCard(this.ready, id);
  }
  isOwn(card: ModelCard): boolean {
    return this.#own.some(({ id }) => id === card.id);
  }

  /** Errors: {@link StoreError}. */
  async load(): Promise<void> {
    const cards = await this.#store.all('models');
    // An imported one, or one that is older than this version of the app, may have a catalogue card's id.
    const known = new Set(this.#catalogue.map(({ id }) => id));
    this.#catalogue = this.#catalogue.map((card) => withInstalled(card, cards));
    const own = cards.filter(({ id }) => !known.has(id));
    this.#own = own.sort((a, b) => a.name.localeCompare(b.name));
  }

  /** A card for a served model, not yet kept. Throws {@link InputError} saying which field is wrong. */
  draft(served: ServedModel): OpenAiCard {
    const result = modelCardSchema.safeParse({
      ...{ engine: 'openai', id: this.#freeId(served.name), name: served.name.trim(), persona: null },
      ...{ base: served.model.trim(), voice: served.voice, licence: null, model: served.model.trim() },
      ...{ baseUrl: served.baseUrl.trim().replace(/\/+$/, ''), concurrency: served.concurrency },
    });
    if (result.success) return result.data as OpenAiCard;
    throw new InputError(sentenceFor(result.error.issues[0]?.path[0]));
  }

  /** Keeps a card under its id; errors: {@link StoreError}. */
  async keep(card: ModelCard): Promise<void> {
    await this.#store.put('models', [[card.id, card]]);
    this.#own = [...this.#own.filter(({ id }) => id !== card.id), card].sort((a, b) =>
      a.name.localeCompare(b.name),
    );
  }

  /** Keeps what of a checkpoint is on this device; null when it was deleted. Errors: {@link StoreError}. */
  async setInstalled(card: WebLlmCard, installed: InstalledCheckpoint | null): Promise<void> {
    const changed = { ...card, installed };
    await this.#store.put('models', [[card.id, changed]]);
    const replace = (cards: readonly ModelCard[]) =>
      cards.map((other) => (other.id === card.id ? changed : other));
    this.#catalogue = replace(this.#catalogue);
    this.#own = replace(this.#own);
  }

  /** Runs and chats keep their answers; they only cannot ask this model again. Errors: {@link StoreError}. */
  async remove(card: ModelCard): Promise<void> {
    await this.#store.delete('models', [card.id]);
    this.#own = this.#own.filter(({ id }) => id !== card.id);
  }

  #freeId(name: string): string {
    const stem =
      name
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[^a-z0-9]+|-+$/g, '') || 'served';
    let id = stem;
    for (let next = 2; this.find(id); next += 1) id = `${stem}-${next}`;
    return id;
  }
}

/** A catalogue's checkpoint with what is stored of it; the rest of the stored card may be of an older version. */
function withInstalled(card: ModelCard, stored: readonly ModelCard[]): ModelCard {
  const found = stored.find(({ id }) => id === card.id);
  if (card.engine !== 'webllm' || found?.engine !== 'webllm') return card;
  return { ...card, installed: found.installed };
}

function sentenceFor(field: PropertyKey | undefined): string {
  if (field === 'baseUrl') {
    return 'The base URL must begin with http:// or https:// and end where /chat/completions would follow, as http://127.0.0.1:8000/v1.';
  }
  if (field === 'concurrency') return 'Requests at once must be a whole number from 1 to 256.';
  return field === 'name'
    ? 'Give the model a name to show.'
    : 'Write the name that the server knows the model by.';
}
