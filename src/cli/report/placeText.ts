import type { PlaceKey } from '../../findings/summarise.ts';

/** A place in two cells: its suite, and what it is split by. */
export function placeText({ suite, category, group, temperature }: PlaceKey): [string, string] {
  return [suite, category ?? group ?? (temperature === null ? 'all' : `temperature ${temperature}`)];
}
