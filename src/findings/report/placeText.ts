import type { PlaceKey } from '../rowKey.ts';

/** A place in two cells: its suite, and what it is split by. */
export function placeText({ suite, category, group, temperature }: PlaceKey): [string, string] {
  return [suite, category ?? group ?? (temperature === null ? 'all' : `temperature ${temperature}`)];
}

/** A place in a figure, where room is scarce: with its suite only where the figure has several. */
export function placeLabel(key: PlaceKey, all: readonly { readonly key: PlaceKey }[]): string {
  const [suite, place] = placeText(key);
  return all.every((other) => other.key.suite === key.suite) ? place : `${suite}, ${place}`;
}
