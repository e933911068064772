import type { Store } from '../core/ports/store.ts';
import { type Rubric, rubricKey } from '../core/rubric.ts';
import type { Run } from '../core/run.ts';
import { readRun } from '../core/storedRecords.ts';
import { headOf, reportSteps } from '../findings/report/buildReport.ts';
import type { ReportEvent, ReportRequest } from '../findings/report/reportStream.ts';
import { Study } from '../findings/report/study.ts';
import { answerQuestion } from '../findings/results/answerQuestion.ts';
import type { ResultsEvent, ResultsRequest } from '../findings/results/resultsStream.ts';
import type { CommonEvent } from '../findings/runStream.ts';
import { readForced } from './readForced.ts';

export interface ReaderPorts {
  readonly store: Store;
  /** Those of the app; the user's own are in the store. */
  readonly rubrics: readonly Rubric[];
}

/**
 * Reads runs, and answers what reports and tables ask of them; keeps the last run, so that another choice or another
 * visit reads nothing. A newer request takes the place of an older one.
 */
export class RunReader {
  readonly #ports: ReaderPorts;
  #kept: { readonly stand: Promise<string>; readonly study: Study; hasForced: boolean } | null = null;
  #turn = 0;

  constructor(ports: ReaderPorts) {
    this.#ports = ports;
  }

  report(request: ReportRequest, tell: (event: ReportEvent) => void): void {
    this.#inTurn(tell, (isStale) => this.#tellReport(request, tell, isStale));
  }

  results(request: ResultsRequest, tell: (event: ResultsEvent) => void): void {
    this.#inTurn(tell, async (isStale) => {
      const { run, question, isFresh } = request;
      const kept = await this.#read(run, isFresh, { tell, isStale });
      if (kept) tell({ type: 'answer', answer: answerQuestion(kept.study, question) });
    });
  }

  #inTurn(tell: (event: CommonEvent) => void, work: (isStale: () => boolean) => Promise<void>): void {
    const turn = ++this.#turn;
    const isStale = (): boolean => turn !== this.#turn;
    work(isStale).catch((error: unknown) => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      if (!isStale()) tell({ type: 'failed', name, message });
    });
  }

  async #tellReport(
    { run, choice, isFresh }: ReportRequest,
    tell: (event: ReportEvent) => void,
    isStale: () => boolean,
  ): Promise<void> {
    const kept = await this.#read(run, isFresh, { tell, isStale });
    if (!kept) return;
    const { study } = kept;
    if (!kept.hasForced) {
      study.addForced((await readForced(this.#ports.store, run, study.stored.rollouts)).forced);
      kept.hasForced = true;
    }
    let [readingMs, reckoningMs] = [0, 0];
    const steps = reportSteps(study, choice);
    for (;;) {
      const startMs = performance.now();
      const step = steps.next();
      const tookMs = performance.now() - startMs;
      if (step.value?.isReading) readingMs += tookMs;
      else reckoningMs += tookMs;
      if (isStale()) return;
      if (step.done === true) break;
      if (step.value.sections.length > 0) tell({ type: 'sections', sections: step.value.sections });
      // A newer request may wait for its turn.
      await new Promise((resolve) => setTimeout(resolve));
    }
    const isForced = study.stored.forced !== undefined;
    tell({ type: 'done', head: headOf(study.stored), reckoningMs, readingMs, isForced });
  }

  /** Null when nobody waits for it any more. */
  async #read(
    run: Run,
    isFresh: boolean,
    { tell, isStale }: { tell: (event: CommonEvent) => void; isStale: () => boolean },
  ) {
    const { store } = this.#ports;
    if (!isFresh && this.#kept) {
      const [then, now] = await Promise.all([this.#kept.stand, this.#standOf(run)]);
      if (isStale()) return null;
      if (this.#kept && then === now) return this.#kept;
    }
    this.#kept = null;
    const [own, { rollouts, verdicts }] = await Promise.all([store.all('rubrics'), readRun(store, run)]);
    if (isStale()) return null;
    tell({ type: 'read', answers: rollouts.size });
    const rubrics = [...this.#ports.rubrics, ...own];
    this.#kept = {
      // Counting takes a while, and nothing waits for it here. Where it fails, all is read again.
      stand: this.#standOf(run).catch(() => ''),
      study: new Study({ run, rollouts, verdicts, rubrics }),
      hasForced: false,
    };
    return this.#kept;
  }

  /** Another text once the run, the rubrics or what is stored has changed. */
  async #standOf(run: Run): Promise<string> {
    const { store } = this.#ports;
    const [own, ...counts] = await Promise.all([
      store.all('rubrics'),
      store.count('rollouts'),
      store.count('verdicts'),
      store.count('beliefs'),
    ]);
    return JSON.stringify([run, counts, own.map(rubricKey)]);
  }
}
