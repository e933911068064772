import type { Store } from '../core/ports/store.ts';
import { cellKeys } from '../core/plan.ts';
import { type Rubric, rubricKey } from '../core/rubric.ts';
import type { Run } from '../core/run.ts';
import { readAll, readRecords, readVerdicts } from '../core/storedRecords.ts';
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
  #kept: { readonly name: string; readonly study: Study; hasForced: boolean } | null = null;
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
    let reckoningMs = 0;
    const steps = reportSteps(study, choice);
    for (;;) {
      const startMs = performance.now();
      const step = steps.next();
      reckoningMs += performance.now() - startMs;
      if (isStale()) return;
      if (step.done === true) break;
      if (step.value.sections.length > 0) tell({ type: 'sections', sections: step.value.sections });
      // A newer request may wait for its turn.
      await new Promise((resolve) => setTimeout(resolve));
    }
    const isForced = study.stored.forced !== undefined;
    tell({ type: 'done', head: headOf(study.stored), reckoningMs, isForced });
  }

  /** Null when nobody waits for it any more. */
  async #read(
    run: Run,
    isFresh: boolean,
    { tell, isStale }: { tell: (event: CommonEvent) => void; isStale: () => boolean },
  ) {
    const { store } = this.#ports;
    const rubrics = [...this.#ports.rubrics, ...(await readAll(store, 'rubrics'))];
    const [rolloutNames, verdictNames, beliefNames] = await Promise.all([
      store.keys('rollouts'),
      store.keys('verdicts'),
      store.keys('beliefs'),
    ]);
    const counts = [rolloutNames, verdictNames, beliefNames].map(({ length }) => length);
    const name = JSON.stringify([run, counts, rubrics.map(rubricKey)]);
    if (isStale()) return null;
    if (!isFresh && this.#kept?.name === name) return this.#kept;
    this.#kept = null;
    const keys = cellKeys(run);
    // The browser fetches the ones while the others are taken in.
    const [rollouts, verdicts] = await Promise.all([
      readRecords(store, 'rollouts', keys),
      readVerdicts(store, run, keys, verdictNames),
    ]);
    if (isStale()) return null;
    tell({ type: 'read', answers: rollouts.size });
    this.#kept = { name, study: new Study({ run, rollouts, verdicts, rubrics }), hasForced: false };
    return this.#kept;
  }
}
