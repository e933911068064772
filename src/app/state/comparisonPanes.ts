import type { Pane } from '../../core/chat.ts';
import { dialled, hasDial, parseDialId } from '../../core/dial.ts';
import { type ModelCard, engineKeyOf } from '../../core/model.ts';
import type { ChatSettings } from './settingsState.svelte.ts';

/** A pane without history. */
export function newPane(model: string, temperature: number): Pane {
  return { id: crypto.randomUUID(), model, temperature };
}

/** Whether a pane can answer here: its model is ready, or not needed. */
export function canAsk({ model, isRecorded }: Pane, ready: readonly ModelCard[]): boolean {
  return isRecorded === true || ready.some(({ id }) => id === parseDialId(model).id);
}

/** Whether panes wait for each other, since this device holds one model at a time. */
export function takeTurns(panes: readonly Pane[], cardOf: (model: string) => ModelCard | undefined): boolean {
  const cards = panes.filter(({ isRecorded }) => !isRecorded).flatMap(({ model }) => cardOf(model) ?? []);
  return new Set(cards.filter(({ engine }) => engine !== 'openai').map(engineKeyOf)).size > 1;
}

/** A persona and its base, for the first view of a model with a dial; null where that would be twice the same. */
export function panesBesideBase(
  card: ModelCard,
  { dial, temperature, isBesideBase }: ChatSettings,
): readonly Pane[] | null {
  if (!isBesideBase || !hasDial(card) || dial === 0) return null;
  return [dialled(card, dial), dialled(card, 0)].map(({ id }) => newPane(id, temperature));
}

/**
 * One pane more: what `panes` say least about. The base of the last persona, else another model, else the same at
 * another temperature.
 */
export function addPane(panes: readonly Pane[], ready: readonly ModelCard[]): readonly Pane[] {
  const last = panes.at(-1);
  if (!last) return panes;
  const taken = new Set(panes.map(({ model }) => model));
  const own = parseDialId(last.model).id;
  const card = ready.find(({ id }) => id === own);
  const base = card && baseOf(card, ready);
  const model = [base, ...ready.map(({ id }) => id)].find((id) => id !== undefined && !taken.has(id));
  if (model !== undefined) return [...panes, newPane(model, last.temperature)];
  return [...panes, newPane(last.model, last.temperature === 0 ? 1 : 0)];
}

function baseOf(card: ModelCard, ready: readonly ModelCard[]): string | undefined {
  if (hasDial(card)) return dialled(card, 0).id;
  return card.persona === null
    ? undefined
    : ready.find(({ base, persona }) => persona === null && base === card.base)?.id;
}
