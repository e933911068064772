import type { JudgingOrder } from './judgingState.svelte.ts';
import type { RunState } from './runState.svelte.ts';

/** How often, and which share of the answers, from 0 to 1. */
export interface AgainChoice {
  readonly times: number;
  readonly share: number;
}

/**
 * Has a judge score a random share of a run again, to see how far it agrees with itself; the budget is for all of it.
 * Ends early when a scoring does. Errors: {@link StoreError}.
 */
export async function judgeAgain(
  runs: RunState,
  id: string,
  order: JudgingOrder,
  { times, share }: AgainChoice,
): Promise<void> {
  let { budget } = order;
  for (let nth = 2; nth <= times + 1; nth += 1) {
    await runs.judge(id, { ...order, ...(budget ? { budget } : {}), repeat: { nth, share } });
    const { phase, counts } = runs.judging(id);
    if (phase.state !== 'complete') return;
    budget = budget && { ...budget, spent: counts?.spent ?? budget.spent };
  }
}
