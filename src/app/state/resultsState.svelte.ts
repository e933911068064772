import { SvelteMap } from 'svelte/reactivity';
import type { ModelCard } from '../../core/model.ts';
import type { Store } from '../../core/ports/store.ts';
import { promptKey, promptsByKey } from '../../core/promptKey.ts';
import type { Rollout } from '../../core/rollout.ts';
import { type Rubric, rubricOf } from '../../core/rubric.ts';
import type { Judging, Run } from '../../core/run.ts';
import { readVerdicts } from '../../core/storedRecords.ts';
import { type Verdict, verdictKeysOf } from '../../core/verdict.ts';
import {
  type ResultsAnswer,
  type ResultsQuestion,
  type SentMatrixRow,
  receivedRow,
} from '../../findings/results/answerQuestion.ts';
import type { ResultsEvent, ResultsSource } from '../../findings/results/resultsStream.ts';
import type { SummaryRow } from '../../findings/summarise.ts';

/** What the records say to a question. */
export interface ResultsReply {
  readonly question: ResultsQuestion;
  readonly judging: Judging | null;
  /** Null without a judging, or when this version does not know its rubric. */
  readonly rubric: Rubric | null;
  readonly rows: readonly SummaryRow[];
  /** A row per model and suite. */
  readonly overall: readonly SummaryRow[];
  /** Keys of the answers, in their order. */
  readonly answers: readonly string[];
  readonly matrix: { readonly models: readonly ModelCard[]; readonly rows: readonly SentMatrixRow[] };
}

/** An answer with its verdict by the judging that is asked for. */
export interface ShownAnswer {
  readonly rollout: Rollout;
  readonly verdict: Verdict | undefined;
}

/** An answer with all verdicts on it, in the order of the run's judgings. */
export interface OpenAnswer {
  readonly rollout: Rollout;
  readonly verdicts: readonly Verdict[];
}

export interface ResultsPorts {
  readonly store: Store;
  readonly source: ResultsSource;
  readonly rubrics: () => readonly Rubric[];
}

/** One run's results: numbers from the source, and of the answers themselves those that are looked at. */
export class ResultsState {
  readonly #ports: ResultsPorts;
  #run = $state.raw<Run | null>(null);
  #read = $state.raw(0);
  #isReckoning = $state.raw(false);
  #reply = $state.raw<ResultsReply | null>(null);
  #problem = $state.raw('');
  #isFresh = true;
  readonly #shown = new SvelteMap<string, ShownAnswer>();
  #wanted = new Set<string>();

  constructor(ports: ResultsPorts) {
    this.#ports = ports;
  }

  get run(): Run | null {
    return this.#run;
  }
  /** Answers read so far. */
  get read(): number {
    return this.#read;
  }
  /** The reply in view is to an older question. */
  get isReckoning(): boolean {
    return this.#isReckoning;
  }
  get reply(): ResultsReply | null {
    return this.#reply;
  }
  /** Why there is no reply, as a sentence. */
  get problem(): string {
    return this.#problem;
  }

  /** Begins with a run; its records are read anew at the next question. */
  open(run: Run): void {
    this.#run = run;
    this.#read = 0;
    this.#reply = null;
    this.#isFresh = true;
    this.#forget();
  }

  /** Asks for the reply to a question; the one before stays in view until it comes. */
  ask(question: ResultsQuestion): void {
    const run = this.#run;
    if (!run) return;
    this.#isReckoning = true;
    this.#problem = '';
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    this.#ports.source({ run, question, isFresh }, (event) => this.#take(run, event));
  }

  /** An answer that is there; others come when they were called for. */
  shown(key: string): ShownAnswer | undefined {
    return this.#shown.get(key);
  }

  /** Calls for answers that are about to be looked at. Errors: {@link StoreError}. */
  async want(keys: readonly string[]): Promise<void> {
    const [missing, wanted] = [keys.filter((key) => !this.#wanted.has(key)), this.#wanted];
    if (missing.length === 0) return;
    for (const key of missing) wanted.add(key);
    const { judging = null } = this.#reply ?? {};
    const { store } = this.#ports;
    const [rollouts, verdicts] = await Promise.all([
      store.get('rollouts', missing),
      judging ? store.get('verdicts', missing.map(verdictKeysOf(judging))) : [],
    ]).catch((error: unknown) => {
      for (const key of missing) wanted.delete(key);
      throw error;
    });
    // Another judging's verdicts may be asked for by now.
    if (wanted !== this.#wanted) return;
    for (const [place, rollout] of rollouts.entries())
      if (rollout) this.#shown.set(rollout.key, { rollout, verdict: verdicts[place] });
  }

  /** An answer of this run by its key, whatever the filter; null where there is none. Errors: {@link StoreError}. */
  async find(key: string): Promise<OpenAnswer | null> {
    const run = this.#run;
    const { store } = this.#ports;
    const [rollout] = await store.get('rollouts', [key]);
    if (!run || !rollout || !promptsByKey(run).has(promptKey(rollout))) return null;
    return { rollout, verdicts: await readVerdicts(store, run, [key]) };
  }

  #take(run: Run, event: ResultsEvent): void {
    if (run !== this.#run) return;
    if (event.type === 'read') this.#read = event.answers;
    else if (event.type === 'failed') this.#problem = event.message;
    else this.#reply = this.#received(run, event.answer);
    if (event.type !== 'read') this.#isReckoning = false;
  }

  #received(run: Run, { question, rows, overall, answers, matrix }: ResultsAnswer): ResultsReply {
    const judging = question.judging === null ? null : (run.judgings[question.judging] ?? null);
    if (judging !== this.#reply?.judging) this.#forget();
    const rubric = (judging && rubricOf(this.#ports.rubrics(), judging)) ?? null;
    const models = matrix.models.flatMap((model) => run.models.filter(({ id }) => id === model));
    return {
      ...{ question, judging, rubric, answers, matrix: { models, rows: matrix.rows } },
      rows: rows.map((row) => receivedRow(row, rubric)),
      overall: overall.map((row) => receivedRow(row, rubric)),
    };
  }

  #forget(): void {
    this.#shown.clear();
    this.#wanted = new Set();
  }
}
