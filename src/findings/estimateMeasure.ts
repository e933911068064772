import type { Values } from './clusters.ts';
import {
  type Estimate,
  meanByCluster,
  pairedMeanDifference,
  pairedRateDifference,
  rateByCluster,
} from './estimate.ts';
import type { Measure } from './measures.ts';

/** By the estimator that fits the measure, in its unit and on its scale. */
export function estimateOf(measure: Measure, values: Values): Estimate {
  return measure.type === 'rate' ? rateByCluster(values) : meanByCluster(values, { range: measure.range });
}

/** `a` less `b` on the same prompts. */
export function differenceOf(measure: Measure, a: Values, b: Values): Estimate {
  return measure.type === 'rate'
    ? pairedRateDifference(a, b)
    : pairedMeanDifference(a, b, { range: measure.range });
}
