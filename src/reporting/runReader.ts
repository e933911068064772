import { readForced } from './readForced.ts';
import type { Store } from '../core/ports/store.ts';
import { planRollouts } from '../core/plan.ts';
import type { Rollout } from '../core/rollout.ts';
import { type Rubric, rubricKey } from '../core/rubric.ts';
import type { Run } from '../core/run.ts';
import { readAll, readRecords, readVerdicts } from '../core/storedRecords.ts';
import type { Verdict } from '../core/verdict.ts';
import { headOf, reportSteps } from '../findings/report/buildReport.ts';
import { Study } from '../findings/report/study.ts';
import type { ReportEvent, ReportRequest } from '../findings/report/reportStream.ts';

export interface ReaderPorts {
  readonly store: Store;
  /** Those of the app; the user's own are in the store. */
  readonly rubrics: readonly Rubric[];
}

/** Answers read between two messages: a fifth of a second with their verdicts. */
const stepAnswers = 1_000;

/** Reads runs and reckons reports; keeps the last run, so that another choice or another visit reads nothing. */
export class ReportReader {
  readonly #ports: ReaderPorts;
  #kept: { readonly name: string; readonly study: Study } | null = null;
  #turn = 0;

  constructor(ports: ReaderPorts) {
    this.#ports = ports;
  }

  report(request: ReportRequest, tell: (event: ReportEvent) => void): void {
    const turn = ++this.#turn;
    const isStale = (): boolean => turn !== this.#turn;
    this.#tellAll(request, tell, isStale).catch((error: unknown) => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      if (!isStale()) tell({ type: 'failed', name, message });
    });
  }

  async #tellAll(
    { run, choice, isFresh }: ReportRequest,
    tell: (event: ReportEvent) => void,
    isStale: () => boolean,
  ): Promise<void> {
    const study = await this.#read(run, isFresh, (answers) => {
      if (!isStale()) tell({ type: 'read', answers });
      return isStale();
    });
    if (!study) return;
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

  /** Null when `onRead` says that nobody waits for it any more. */
  async #read(run: Run, isFresh: boolean, onRead: (answers: number) => boolean): Promise<Study | null> {
    const { store } = this.#ports;
    const rubrics = [...this.#ports.rubrics, ...(await readAll(store, 'rubrics'))];
    const counts = await Promise.all(
      (['rollouts', 'verdicts', 'beliefs'] as const).map(async (name) => (await store.keys(name)).length),
    );
    const name = JSON.stringify([run, counts, rubrics.map(rubricKey)]);
    if (!isFresh && this.#kept?.name === name) return this.#kept.study;
    this.#kept = null;
    const rollouts = new Map<string, Rollout>();
    const verdicts: Verdict[] = [];
    const keys = [...new Set(planRollouts(run).map(({ key }) => key))];
    for (let start = 0; start < keys.length; start += stepAnswers) {
      const part = await readRecords(store, 'rollouts', keys.slice(start, start + stepAnswers));
      for (const [key, rollout] of part) rollouts.set(key, rollout);
      for (const verdict of await readVerdicts(store, run, part.keys())) verdicts.push(verdict);
      if (onRead(rollouts.size)) return null;
    }
    const forced = await readForced(store, run, rollouts);
    const study = new Study({ run, rollouts, verdicts, rubrics, ...forced });
    this.#kept = { name, study };
    return study;
  }
}
