import type { Belief } from '../../core/belief.ts';
import type { BeliefSpec } from '../../core/planBeliefs.ts';
import type { Rollout } from '../../core/rollout.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Judging, Run } from '../../core/run.ts';
import { type Verdict, isSameJudging } from '../../core/verdict.ts';
import { type JudgedAnswer, type PlacedAnswer, placeAnswers, withVerdicts } from '../answers.ts';
import { type PortraitReading, readByPatterns } from '../portrait/portraitReading.ts';
import type { ReportStep } from './reportStep.ts';

export interface StoredAnswers {
  readonly run: Run;
  readonly rollouts: ReadonlyMap<string, Rollout>;
  readonly verdicts: readonly Verdict[];
  /** All that this version knows. */
  readonly rubrics: readonly Rubric[];
  /** What forced questions gave, where any are scored. */
  readonly forced?: { readonly specs: readonly BeliefSpec[]; readonly beliefs: ReadonlyMap<string, Belief> };
}

/** A run's records, with what is derived from them whatever is asked: kept, so that the next choice finds it. */
export class Study {
  #stored: StoredAnswers;
  /** Of each judging that occurs, by the rollout's key. */
  readonly #verdicts: { readonly judging: Judging; readonly byRollout: Map<string, Verdict> }[] = [];
  #placed: readonly PlacedAnswer[] | null = null;
  readonly #answers = new Map<Judging | null, JudgedAnswer[]>();
  readonly #steps = new Map<string, readonly ReportStep[]>();
  #patterns: PortraitReading | null = null;

  constructor(stored: StoredAnswers) {
    this.#stored = stored;
    for (const verdict of stored.verdicts) {
      const own = this.#verdicts.find(({ judging }) => isSameJudging(judging, verdict));
      if (own) own.byRollout.set(verdict.rolloutKey, verdict);
      else this.#verdicts.push({ judging: verdict, byRollout: new Map([[verdict.rolloutKey, verdict]]) });
    }
  }

  get stored(): StoredAnswers {
    return this.#stored;
  }

  /** What forced questions gave is read only for reports. */
  addForced(forced: StoredAnswers['forced']): void {
    this.#stored = { ...this.#stored, ...(forced ? { forced } : {}) };
  }

  /** With the verdicts of one judging; null: with none. */
  answersOf(judging: Judging | null): readonly JudgedAnswer[] {
    const known = this.#answers.get(judging);
    if (known) return known;
    const { run, rollouts } = this.stored;
    this.#placed ??= placeAnswers(run, rollouts.values());
    const own = judging && this.#verdicts.find((group) => isSameJudging(group.judging, judging));
    const answers = withVerdicts(this.#placed, own?.byRollout ?? new Map<string, Verdict>());
    this.#answers.set(judging, answers);
    return answers;
  }

  /** Steps that depend on nothing but what the name says; reckoned once. */
  *kept(name: string, reckon: () => Iterable<ReportStep>): Generator<ReportStep, void> {
    const known = this.#steps.get(name);
    if (known) return yield* known;
    const steps: ReportStep[] = [];
    for (const step of reckon()) {
      steps.push(step);
      yield step;
    }
    this.#steps.set(name, steps);
  }

  get patterns(): PortraitReading {
    this.#patterns ??= readByPatterns(this.stored.run, this.stored.rollouts.values());
    return this.#patterns;
  }
}
