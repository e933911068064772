import type { Store } from '../../core/ports/store.ts';
import type { Rollout } from '../../core/rollout.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Judging, Run } from '../../core/run.ts';
import { readVerdicts } from '../../core/storedRecords.ts';
import { type Verdict, isSameJudging, judgingOfVerdict } from '../../core/verdict.ts';
import { type JudgedAnswer, joinVerdicts } from '../../findings/answers.ts';
import { type AnswerFilter, filterAnswers } from '../../findings/filterAnswers.ts';
import { type Matrix, buildMatrix } from '../../findings/matrix.ts';
import type { Dimension, SummaryRow } from '../../findings/summarise.ts';
import { letPageRun, readRunInSteps } from './readRunInSteps.ts';
import { summariseInSteps } from './summariseInSteps.ts';

/** What is asked of a run's records. */
export interface ResultsQuestion {
  /** Position in the run's judgings; null for the answers alone. */
  readonly judging: number | null;
  readonly by: Dimension;
  readonly filter: AnswerFilter;
}

/** What the records say to a question. */
export interface ResultsReply {
  readonly question: ResultsQuestion;
  readonly judging: Judging | null;
  /** Null without a judging, or when this version does not know its rubric. */
  readonly rubric: Rubric | null;
  readonly answers: readonly JudgedAnswer[];
  readonly rows: readonly SummaryRow[];
  /** A row per model and suite. */
  readonly overall: readonly SummaryRow[];
  readonly matrix: Matrix;
}

interface Part {
  readonly run: Run;
  readonly rollouts: readonly Rollout[];
  readonly verdicts: readonly Verdict[];
}

export interface ResultsPorts {
  readonly store: Store;
  readonly rubrics: () => readonly Rubric[];
}

/** One run's results. Reading and reckoning are done in steps, so that the page answers in between. */
export class ResultsState {
  readonly #ports: ResultsPorts;
  #run = $state.raw<Run | null>(null);
  #read = $state.raw(0);
  #isLoaded = $state.raw(false);
  #isReckoning = $state.raw(false);
  #reply = $state.raw<ResultsReply | null>(null);
  #parts: readonly Part[] = [];
  #joined: { readonly judging: Judging | null; readonly answers: readonly JudgedAnswer[] } | null = null;
  /** The newest call wins; an older one that finds itself overtaken gives up. */
  #turn = 0;

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
  get isLoaded(): boolean {
    return this.#isLoaded;
  }
  /** The reply in view is to an older question. */
  get isReckoning(): boolean {
    return this.#isReckoning;
  }
  get reply(): ResultsReply | null {
    return this.#reply;
  }

  /** Reads a run's answers and verdicts. Errors: {@link StoreError}. */
  async open(run: Run): Promise<void> {
    const turn = ++this.#turn;
    this.#run = run;
    this.#read = 0;
    this.#isLoaded = false;
    this.#reply = null;
    this.#joined = null;
    const parts: Part[] = [];
    for await (const { rollouts } of readRunInSteps(this.#ports.store, run)) {
      const verdicts = await readVerdicts(
        this.#ports.store,
        run,
        rollouts.map(({ key }) => key),
      );
      if (turn !== this.#turn) return;
      parts.push({ run, rollouts, verdicts });
      this.#read += rollouts.length;
      await letPageRun();
    }
    this.#parts = parts;
    this.#isLoaded = true;
  }

  /** Reckons the reply to a question; the one before stays in view until then. */
  async ask(question: ResultsQuestion): Promise<void> {
    const run = this.#run;
    if (!run || !this.#isLoaded) return;
    const turn = ++this.#turn;
    this.#isReckoning = true;
    const judging = judgingAsked(run, question);
    const all = await this.#join(run, judging, () => turn !== this.#turn);
    if (!all) return;
    const rubric = judging ? this.#rubricOf(judging) : null;
    const isStale = (): boolean => turn !== this.#turn;
    const base = { run, answers: all, filter: question.filter, ...(rubric ? { rubric } : {}), isStale };
    const overall = await summariseInSteps({ ...base, by: [] });
    const rows = overall && (await summariseInSteps({ ...base, by: [question.by] }));
    if (!rows || isStale()) return;
    const answers = filterAnswers(all, question.filter);
    const matrix = buildMatrix(run, all, question.filter);
    this.#reply = { question, judging, rubric, answers, rows, overall, matrix };
    this.#isReckoning = false;
  }

  /** An answer by its key, whatever the filter. */
  find(key: string): JudgedAnswer | undefined {
    return this.#joined?.answers.find(({ rollout }) => rollout.key === key);
  }

  /** All verdicts on an answer, in the order of the run's judgings. */
  verdictsOn(rolloutKey: string): Verdict[] {
    const verdicts = this.#parts.flatMap((part) =>
      part.verdicts.filter((verdict) => verdict.rolloutKey === rolloutKey),
    );
    const judgings = this.#run?.judgings ?? [];
    const place = (verdict: Verdict): number =>
      judgings.findIndex((judging) => isSameJudging(judging, judgingOfVerdict(verdict)));
    return verdicts.sort((a, b) => place(a) - place(b));
  }

  /** All that was read, for an export. */
  records(): { readonly rollouts: Rollout[]; readonly verdicts: Verdict[] } {
    const rollouts = this.#parts.flatMap((part) => part.rollouts);
    return { rollouts, verdicts: this.#parts.flatMap((part) => part.verdicts) };
  }

  async #join(
    run: Run,
    judging: Judging | null,
    isStale: () => boolean,
  ): Promise<readonly JudgedAnswer[] | null> {
    if (this.#joined?.judging === judging) return this.#joined.answers;
    const answers: JudgedAnswer[] = [];
    for (const { rollouts, verdicts } of this.#parts) {
      answers.push(...joinVerdicts({ run, rollouts, verdicts, ...(judging ? { judging } : {}) }));
      await letPageRun();
      if (isStale()) return null;
    }
    this.#joined = { judging, answers };
    return answers;
  }

  #rubricOf({ rubric, rubricVersion }: Judging): Rubric | null {
    return (
      this.#ports.rubrics().find(({ id, version }) => id === rubric && version === rubricVersion) ?? null
    );
  }
}

function judgingAsked(run: Run, { judging }: ResultsQuestion): Judging | null {
  return judging === null ? null : (run.judgings[judging] ?? null);
}
