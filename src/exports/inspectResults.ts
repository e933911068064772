import type { InspectSample } from './inspectSample.ts';
import { type InspectScorer, clusterKey } from './inspectScorers.ts';

/** A sample as Inspect's reducer leaves it: the mean of its scored epochs, null when none is scored. */
interface Reduced {
  readonly cluster: string;
  readonly value: number | null;
}

/** Mean and clustered standard error of each scorer, as Inspect's own mean() and stderr(cluster) give them. */
export function inspectResults(scorers: readonly InspectScorer[], samples: readonly InspectSample[]) {
  return scorers
    .filter(({ metrics }) => metrics.length > 0)
    .map(({ name, metadata }) => {
      const reduced = reduceEpochs(name, samples);
      const scored = reduced.flatMap(({ cluster, value }) => (value === null ? [] : [{ cluster, value }]));
      const metrics = {
        mean: { name: 'mean', value: meanOf(scored.map(({ value }) => value)), params: {} },
        stderr: { name: 'stderr', value: clusteredError(scored), params: { cluster: clusterKey } },
      };
      return {
        name,
        scorer: name,
        reducer: 'mean',
        scored_samples: scored.length,
        unscored_samples: reduced.length - scored.length,
        params: {},
        metadata,
        // Inspect gives 0 for a scorer without any score; a missing number is left out here.
        metrics: scored.length === 0 ? {} : metrics,
      };
    });
}

function reduceEpochs(scorer: string, samples: readonly InspectSample[]): Reduced[] {
  const epochs = new Map<string, { readonly cluster: string; readonly values: number[] }>();
  for (const { id, scores, metadata } of samples) {
    const score = scores[scorer];
    if (!score) continue;
    const epoch = epochs.get(id) ?? { cluster: String(metadata[clusterKey]), values: [] };
    if (score.value !== null) epoch.values.push(Number(score.value));
    epochs.set(id, epoch);
  }
  return [...epochs.values()].map(({ cluster, values }) => ({
    cluster,
    value: values.length === 0 ? null : meanOf(values),
  }));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With the finite-cluster correction C / (C - 1), as Inspect; 0 for a single cluster, as there. */
function clusteredError(scored: readonly { readonly cluster: string; readonly value: number }[]): number {
  const mean = meanOf(scored.map(({ value }) => value));
  const deviations = new Map<string, number>();
  for (const { cluster, value } of scored) {
    deviations.set(cluster, (deviations.get(cluster) ?? 0) + value - mean);
  }
  const count = deviations.size;
  if (count < 2) return 0;
  const squares = [...deviations.values()].reduce((sum, deviation) => sum + deviation ** 2, 0);
  return Math.sqrt((squares * count) / (count - 1)) / scored.length;
}
