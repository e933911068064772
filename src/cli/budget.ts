import { InputError } from '../core/errors.ts';
import type { Budget } from '../core/judging.ts';

export interface BudgetOptions {
  readonly priceIn?: number;
  readonly priceOut?: number;
  readonly budget?: number;
  readonly maxTokens: number;
}

/** The budget in the user's currency; undefined when no prices were given. Throws {@link InputError}. */
export function budgetOf(options: BudgetOptions, spent: number): Budget | undefined {
  const { priceIn, priceOut, budget, maxTokens } = options;
  if (priceIn === undefined || priceOut === undefined) {
    if (budget === undefined) return undefined;
    throw new InputError('A budget needs both prices: give --price-in and --price-out.');
  }
  return {
    limit: budget ?? Number.POSITIVE_INFINITY,
    spent,
    prices: { inputPerMillion: priceIn, outputPerMillion: priceOut },
    maxTokens,
  };
}
