import { isAbort, sentenceOf } from '../../../core/errors.ts';

/** What mends a finding: something to do here, or the place where it is done. */
export type Fix =
  | { readonly label: string; readonly run: () => Promise<unknown> }
  | { readonly label: string; readonly href: string };

export interface Finding {
  /** `warn`: the talk can be given, with what the text says. `fail`: it would not work. */
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was found, in sentences. */
  readonly text: string;
  readonly fix?: Fix;
}

/** One thing to look at before a talk. What it throws is a finding, too: that the look itself failed. */
export interface Check {
  readonly title: string;
  readonly look: (options: { readonly signal: AbortSignal }) => Promise<Finding>;
}

export type CheckState =
  { readonly state: 'waiting' | 'looking' } | { readonly state: 'found'; readonly finding: Finding };

export type PreflightPhase = 'idle' | 'looking' | 'ready' | 'usable' | 'broken';

/** Looks at everything that a talk needs, one thing after the other, since some fill the memory. */
export class PreflightState {
  readonly #checks: readonly Check[];
  #states = $state.raw<readonly CheckState[]>([]);
  #stop: AbortController | null = $state.raw(null);

  constructor(checks: readonly Check[]) {
    this.#checks = checks;
    this.#states = checks.map(() => ({ state: 'waiting' }));
  }

  /** In the order in which they are looked at. */
  get checks(): readonly { readonly title: string; readonly state: CheckState }[] {
    return this.#checks.map(({ title }, place) => ({ title, state: this.#states[place] ?? waiting }));
  }

  /** `ready`: all is well. `usable`: there are warnings only. `broken`: something would not work. */
  get phase(): PreflightPhase {
    if (this.#stop) return 'looking';
    const levels = this.#states.map((state) => (state.state === 'found' ? state.finding.level : null));
    if (levels.includes(null)) return 'idle';
    if (levels.includes('fail')) return 'broken';
    return levels.includes('warn') ? 'usable' : 'ready';
  }

  /** Looks at everything anew. Never throws. */
  async look(): Promise<void> {
    if (this.#stop) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#states = this.#checks.map(() => waiting);
    for (const place of this.#checks.keys()) await this.#lookAt(place, stop.signal);
    this.#stop = null;
  }

  stop(): void {
    this.#stop?.abort(new DOMException('Stopped by the user.', 'AbortError'));
  }

  /** Mends what can be mended here, and looks at it again. */
  async fix(place: number): Promise<void> {
    const state = this.#states[place];
    if (this.#stop || state?.state !== 'found' || !state.finding.fix || 'href' in state.finding.fix) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#set(place, { state: 'looking' });
    try {
      await state.finding.fix.run();
      await this.#lookAt(place, stop.signal);
    } catch (error) {
      this.#set(place, { state: 'found', finding: { ...state.finding, text: sentenceOf(error) } });
    } finally {
      this.#stop = null;
    }
  }

  async #lookAt(place: number, signal: AbortSignal): Promise<void> {
    const check = this.#checks[place];
    if (!check || signal.aborted) return;
    this.#set(place, { state: 'looking' });
    try {
      this.#set(place, { state: 'found', finding: await check.look({ signal }) });
    } catch (error) {
      const isStopped = signal.aborted && (isAbort(error) || error === signal.reason);
      this.#set(
        place,
        isStopped ? waiting : { state: 'found', finding: { level: 'fail', text: sentenceOf(error) } },
      );
    }
  }

  #set(place: number, state: CheckState): void {
    this.#states = this.#states.map((old, index) => (index === place ? state : old));
  }
}

const waiting: CheckState = { state: 'waiting' };
