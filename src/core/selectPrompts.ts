import { InputError } from './errors.ts';
import type { PlannedPrompt } from './run.ts';
import type { Prompt, Suite } from './suite.ts';

export interface PromptSelection {
  readonly categories?: readonly string[];
  readonly promptIds?: readonly string[];
  /** At most this many, spread evenly over the categories. */
  readonly limit?: number;
}

/**
 * The prompts of a suite that a run asks, in the suite's order. Throws {@link InputError} for a category or
 * prompt that the suite does not have.
 */
export function selectPrompts(suite: Suite, selection: PromptSelection = {}): PlannedPrompt[] {
  const { categories, promptIds, limit } = selection;
  refuseUnknown(suite, 'category', categories, new Set(suite.categories.map(({ id }) => id)));
  refuseUnknown(suite, 'prompt', promptIds, new Set(suite.prompts.map(({ id }) => id)));
  const chosen = suite.prompts.filter(
    ({ id, category }) =>
      (!categories || categories.includes(category)) && (!promptIds || promptIds.includes(id)),
  );
  const kept = limit === undefined || limit >= chosen.length ? chosen : spread(chosen, limit);
  return kept.map((prompt) => planned(suite, prompt));
}

function planned(suite: Suite, { id, ...prompt }: Prompt): PlannedPrompt {
  return { suite: suite.id, suiteVersion: suite.version, suiteKind: suite.kind, promptId: id, ...prompt };
}

/** Takes prompts from the categories in turn until there are `limit`. */
function spread(prompts: readonly Prompt[], limit: number): Prompt[] {
  const byCategory = new Map<string, Prompt[]>();
  for (const prompt of prompts)
    byCategory.set(prompt.category, [...(byCategory.get(prompt.category) ?? []), prompt]);
  const kept = new Set<Prompt>();
  for (let turn = 0; kept.size < limit; turn += 1) {
    for (const list of byCategory.values()) {
      const prompt = list[turn];
      if (prompt && kept.size < limit) kept.add(prompt);
    }
  }
  return prompts.filter((prompt) => kept.has(prompt));
}

function refuseUnknown(
  suite: Suite,
  what: string,
  asked: readonly string[] | undefined,
  known: ReadonlySet<string>,
): void {
  const unknown = asked?.find((id) => !known.has(id));
  if (unknown === undefined) return;
  const some = [...known].slice(0, 8).join(', ');
  throw new InputError(
    `The suite "${suite.id}" has no ${what} "${unknown}". It has: ${some}${known.size > 8 ? ', …' : ''}.`,
  );
}
