import type { JudgingOrder } from './judgingState.svelte.ts';
import type { RunState } from './runState.svelte.ts';

/** How often, and which share of the answers, from 0 to 1. */
export interface AgainChoice {
  readonly times: number;
  readonly share: number;
}

/** What scoring again came to, over all its scorings. */
export interface AgainOutcome {
  readonly choice: AgainChoice;
  readonly scored: number;
  readonly failed: number;
}

/**
 * Has a judge score a random share of a run again, to see how far it agrees with itself; the budget is for all of it.
 * Ends early when a scoring does. Errors: {@link StoreError}.
 */
export async function judgeAgain(
  runs: RunState,
  id: string,
  order: JudgingOrder,
  choice: AgainChoice,
): Promise<AgainOutcome> {
  const { times, share } = choice;
  let next = order;
  let [scored, failed] = [0, 0];
  for (let nth = 2; nth <= times + 1; nth += 1) {
    await runs.judge(id, { ...next, repeat: { nth, share } });
    const { phase, counts } = runs.judging(id);
    if (counts) {
      scored += counts.scored;
      failed += counts.failed;
      next = withSpent(next, counts.spent);
    }
    if (phase.state !== 'complete') break;
  }
  return { choice, scored, failed };
}

function withSpent(order: JudgingOrder, spent: number | null): JudgingOrder {
  return order.budget && spent !== null ? { ...order, budget: { ...order.budget, spent } } : order;
}
