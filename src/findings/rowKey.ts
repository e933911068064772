import type { PlannedPrompt } from '../core/run.ts';

export const dimensions = ['category', 'group', 'temperature'] as const;
export type Dimension = (typeof dimensions)[number];

/** Null where it is not split by this, or where the prompts have no group. */
export interface PlaceKey {
  readonly suite: string;
  readonly category: string | null;
  readonly group: string | null;
  readonly temperature: number | null;
}

/** What a row is about. */
export interface RowKey extends PlaceKey {
  readonly model: string;
}

/** Where the answers to a prompt at a temperature belong. */
export function placeKeyOf(by: readonly Dimension[], prompt: PlannedPrompt, temperature: number): PlaceKey {
  return {
    suite: prompt.suite,
    category: by.includes('category') ? prompt.category : null,
    group: by.includes('group') ? (prompt.group ?? null) : null,
    temperature: by.includes('temperature') ? temperature : null,
  };
}
