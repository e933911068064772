import { hashOf } from '../core/ids.ts';
import { judgeLabel } from '../core/judgeSpec.ts';
import type { Run } from '../core/run.ts';
import type { JudgedAnswer, JudgedSet } from './answers.ts';
import type { ClusteredValue } from './clusters.ts';
import { type Estimate, rateByCluster } from './estimate.ts';
import { differenceOf, estimateOf } from './estimateMeasure.ts';
import { type Measure, measuresFor, measuresOf, readIn } from './measures.ts';

/** What a new version of a rubric does to one number, over the answers that were scored by both. */
export interface RubricChange {
  readonly rubric: string;
  readonly judge: string;
  readonly versions: readonly [number, number];
  readonly model: string;
  readonly measure: Measure;
  readonly before: Estimate;
  readonly after: Estimate;
  readonly difference: Estimate;
  /** The share of answers whose number is another. */
  readonly changed: Estimate;
}

/** For each judge that scored by several versions of a rubric, a row a model and measure, from each version to the next. */
export function rubricChanges(run: Run, sets: readonly JudgedSet[]): RubricChange[] {
  return groupsOf(sets).flatMap((group) =>
    group.slice(1).flatMap((after, place) => {
      const before = group[place];
      return before ? changesBetween(run, before, after) : [];
    }),
  );
}

/** Sets that differ in nothing but the version, in its order. */
function groupsOf(sets: readonly JudgedSet[]): JudgedSet[][] {
  const groups = new Map<string, JudgedSet[]>();
  for (const set of sets) {
    const { rubricVersion, ...rest } = set.judging;
    const name = hashOf(rest);
    groups.set(name, [...(groups.get(name) ?? []), set]);
  }
  const versionOf = ({ judging }: JudgedSet): number => judging.rubricVersion;
  return [...groups.values()].map((group) => group.toSorted((a, b) => versionOf(a) - versionOf(b)));
}

function changesBetween(run: Run, before: JudgedSet, after: JudgedSet): RubricChange[] {
  const earlier = new Map(measuresOf(before.rubric).map((measure) => [measure.id, measure]));
  const byKey = new Map(before.answers.map((answer) => [answer.rollout.key, answer]));
  return run.models.flatMap(({ id: model }) =>
    measuresOf(after.rubric).flatMap((measure) => {
      const old = earlier.get(measure.id);
      if (old?.type !== measure.type) return [];
      const pairs = after.answers.flatMap((answer) => {
        if (answer.rollout.model !== model) return [];
        return pairOf({ old, measure, after }, byKey.get(answer.rollout.key), answer);
      });
      if (pairs.length === 0) return [];
      return [{ ...headOf(before, after), model, measure, ...estimatesOf(measure, pairs) }];
    }),
  );
}

const headOf = ({ judging }: JudgedSet, after: JudgedSet) => ({
  rubric: after.rubric.title,
  judge: judgeLabel(judging.judge),
  versions: [judging.rubricVersion, after.judging.rubricVersion] as const,
});

interface Pair {
  readonly cluster: string;
  readonly before: number;
  readonly after: number;
}

function pairOf(
  { old, measure, after }: { old: Measure; measure: Measure; after: JudgedSet },
  earlier: JudgedAnswer | undefined,
  later: JudgedAnswer,
): Pair[] {
  if (measuresFor(after.rubric, [measure], later.prompt).length === 0) return [];
  const [a, b] = [readIn(old, earlier), readIn(measure, later)];
  return a === null || b === null ? [] : [{ cluster: later.cluster, before: a, after: b }];
}

function estimatesOf(measure: Measure, pairs: readonly Pair[]) {
  const side = (read: (pair: Pair) => number): ClusteredValue[] =>
    pairs.map((pair) => ({ cluster: pair.cluster, value: read(pair) }));
  const [before, after] = [side((pair) => pair.before), side((pair) => pair.after)];
  return {
    before: estimateOf(measure, before),
    after: estimateOf(measure, after),
    difference: differenceOf(measure, after, before),
    changed: rateByCluster(side((pair) => (pair.before === pair.after ? 0 : 1))),
  };
}
