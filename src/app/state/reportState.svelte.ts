import type { ReportChoice } from '../../findings/report/buildReport.ts';
import type { ReportEvent, ReportSource } from '../../findings/report/reportStream.ts';
import type { Section } from '../../findings/report/section.ts';
import type { Run } from '../../core/run.ts';

/** Where a report stands. */
export type ReportStatus =
  | { readonly kind: 'reading'; readonly answers: number }
  | { readonly kind: 'reckoning' }
  | { readonly kind: 'done'; readonly isForced: boolean }
  | { readonly kind: 'failed'; readonly problem: string };

/** The report on one run. What was told before stays in view until the new one is whole. */
export class ReportState {
  readonly #source: ReportSource;
  #status = $state.raw<ReportStatus>({ kind: 'reading', answers: 0 });
  #sections = $state.raw<readonly Section[]>([]);
  #isOld = $state.raw(false);
  #coming: Section[] = [];

  constructor(source: ReportSource) {
    this.#source = source;
  }

  get status(): ReportStatus {
    return this.#status;
  }
  get sections(): readonly Section[] {
    return this.#sections;
  }
  /** The sections answer an older question. */
  get isOld(): boolean {
    return this.#isOld;
  }

  ask(run: Run, choice: ReportChoice, options: { readonly isFresh?: boolean } = {}): void {
    this.#coming = [];
    this.#isOld = this.#sections.length > 0;
    this.#status = { kind: 'reading', answers: 0 };
    this.#source({ run, choice, isFresh: options.isFresh === true }, (event) => this.#take(event));
  }

  #take(event: ReportEvent): void {
    switch (event.type) {
      case 'read':
        this.#status = { kind: 'reading', answers: event.answers };
        return;
      case 'sections':
        this.#coming.push(...event.sections);
        this.#status = { kind: 'reckoning' };
        if (!this.#isOld) this.#sections = [...this.#coming];
        return;
      case 'done':
        this.#sections = this.#coming;
        this.#isOld = false;
        this.#status = { kind: 'done', isForced: event.isForced };
        return;
      case 'failed':
        this.#status = { kind: 'failed', problem: event.message };
    }
  }
}
