import { InputError } from './errors.ts';
import type { ModelCard, TransformersCard } from './model.ts';
import type { GenerationRequest } from './ports/engine.ts';

/** Beyond it a small model speaks no language any more. */
export const highestDial = 1.5;

/** Whether the strength of a model's persona can be chosen: its adapters run live. */
export function hasDial(card: ModelCard): card is TransformersCard {
  return card.engine === 'transformers' && card.adapters.some(({ scale }) => scale !== 0);
}

function isPosition(position: number): boolean {
  return position >= 0 && position <= highestDial;
}

/**
 * The card with its persona at a strength from 0 (the base model, exactly) to {@link highestDial}; 1 is the card itself.
 * One loaded engine serves all positions. A card without live adapters has no other position than 1.
 * Errors: {@link InputError} for any other position.
 */
export function dialled(card: ModelCard, position: number): ModelCard {
  if (!isPosition(position))
    throw new InputError(`The dial goes from 0 to ${highestDial}, and ${position} was asked for.`);
  if (position === 1) return card;
  if (!hasDial(card))
    throw new InputError(
      `${card.name} has no dial: only models with a live adapter have one. Leave it at 1.`,
    );
  const isBase = position === 0;
  const named = (name: string): string => `${name}, dial ${position}`;
  return {
    ...card,
    id: `${card.id}@${position}`,
    name: named(isBase ? card.base : card.name),
    persona: isBase || card.persona === null ? null : named(card.persona),
    voice: isBase ? 'base' : card.voice,
    adapters: card.adapters.map(({ id, scale }) => ({ id, scale: scale * position })),
  };
}

/** The card of an id as {@link dialled} makes it. Undefined where there is no such model, or no such position of it. */
export function findCard(cards: readonly ModelCard[], id: string): ModelCard | undefined {
  const { id: own, position } = parseDialId(id);
  const card = cards.find((other) => other.id === own);
  const isThere = card && (position === 1 || (hasDial(card) && isPosition(position)));
  return isThere ? dialled(card, position) : undefined;
}

/**
 * The models of a sweep: each one that has a dial at every position, the others as they are.
 * Errors: {@link InputError} when none has one, or for a position that there is not.
 */
export function sweepDial(cards: readonly ModelCard[], positions: readonly number[]): ModelCard[] {
  if (positions.some((position) => position !== 1) && !cards.some(hasDial))
    throw new InputError('None of the models has a dial: only models with a live adapter have one.');
  return cards.flatMap((card) =>
    hasDial(card) ? positions.map((position) => dialled(card, position)) : [card],
  );
}

/** Whether a card is a position of a dial; at 0 it has one although no adapter is at work. */
export function isOnDial(card: ModelCard): boolean {
  return hasDial(card) || parseDialId(card.id).position !== 1;
}

/** The part of a request to a card's model that says how strong its live adapters are; empty where it has none. */
export function adaptersOf(card: ModelCard): Pick<GenerationRequest, 'adapters'> {
  return card.engine === 'transformers' && card.adapters.length > 0 ? { adapters: card.adapters } : {};
}

/** A card's own id and the position of its dial, from an id as {@link dialled} makes it. */
export function parseDialId(id: string): { readonly id: string; readonly position: number } {
  const [own = id, position = '1'] = id.split('@');
  return { id: own, position: Number(position) };
}
