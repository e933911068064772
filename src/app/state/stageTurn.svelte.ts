import { abortable, withAbort } from '../../core/abortable.ts';
import { EngineError, EngineLostError, InputError, isAbort, sentenceOf } from '../../core/errors.ts';
import { runLanes } from '../../core/lanes.ts';
import { engineKeyOf } from '../../core/model.ts';
import type { RolloutSpec } from '../../core/plan.ts';
import { timestamp } from '../../core/ports/clock.ts';
import type { Engine, EngineFacts } from '../../core/ports/engine.ts';
import { type FindRecording, recordingOfRollout } from '../../core/recordings.ts';
import type { DoneRollout } from '../../core/rollout.ts';
import { doneRollout } from '../../core/rolloutOf.ts';
import { readRecords } from '../../core/storedRecords.ts';
import type { CollectPorts } from './cellsState.svelte.ts';
import { StageAnswer } from './stageAnswer.svelte.ts';
import { fromWhere } from './fromWhere.ts';
import type { LoadedEngine } from './growingAnswer.svelte.ts';
import { StageEngines } from './stageEngines.ts';
import { StallWatch } from './stallWatch.ts';

const nothingRecorded = 'There is no recording of this question.';

/** Where a recording can stand in, a hall does not wait longer for a model that is still loading. */
const loadPatienceMs = 1_500;

export interface StagePorts extends CollectPorts {
  /** An engine that says stored answers again, at the pace at which they came. */
  readonly openRecorded: (find: FindRecording) => Engine;
}

export type StagePhase = 'idle' | 'loading' | 'waiting' | 'speaking' | 'done';

/** What the live answers were given up for. */
class StallError extends EngineLostError {}
class StillLoadingError extends EngineError {}

/** One question put to one or more voices at once: live, or from its recordings. */
export class StageTurn {
  readonly answers: readonly StageAnswer[];
  readonly #ports: StagePorts;
  readonly #engines: StageEngines;
  #phase = $state.raw<StagePhase>('idle');
  #note = $state.raw('');
  #recordings: ReadonlyMap<string, DoneRollout> = new Map();
  #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();

  /** Turns learn from each other how soon the engines answer. */
  constructor(
    specs: readonly RolloutSpec[],
    ports: StagePorts,
    engines: StageEngines = new StageEngines(ports.openEngine),
  ) {
    this.answers = specs.map((spec) => new StageAnswer(spec));
    this.#ports = ports;
    this.#engines = engines;
  }

  get phase(): StagePhase {
    return this.#phase;
  }
  get isBusy(): boolean {
    return this.#phase !== 'idle' && this.#phase !== 'done';
  }
  /** What the audience should know of where the answers come from; empty where there is nothing to say. */
  get note(): string {
    return this.#note;
  }

  /** Asks live. Where that fails or stalls, the recordings go on by themselves. Never throws. */
  start(): Promise<void> {
    return this.#begin((signal) => this.#live(signal));
  }

  /** Says the recordings. Never throws. */
  replay(): Promise<void> {
    return this.#begin(async (signal) => {
      await this.#readRecordings();
      if (this.#recordings.size === 0) this.#note = nothingRecorded;
      await this.#replay(signal);
    });
  }

  /** What has come stays. */
  stop(): Promise<void> {
    if (this.isBusy) {
      this.#phase = 'done';
      this.#stop.abort(new DOMException('Stopped by the speaker.', 'AbortError'));
    }
    return this.#work;
  }

  #begin(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#stop.abort(new DOMException('Begun again.', 'AbortError'));
    const stop = new AbortController();
    this.#stop = stop;
    this.#note = '';
    this.#phase = 'waiting';
    for (const answer of this.answers) answer.reset();
    this.#work = work(stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) this.#note = sentenceOf(error);
      })
      .finally(() => {
        if (this.#stop === stop) this.#phase = 'done';
      });
    return this.#work;
  }

  async #live(signal: AbortSignal): Promise<void> {
    await this.#readRecordings();
    const problem = await withAbort(signal, (controller) => this.#askAll(controller));
    if (problem === null || signal.aborted) return;
    const canReplay = this.#left.some(({ spec }) => this.#recordings.has(spec.key));
    this.#note = canReplay ? `Recorded. ${problem}` : `${problem} ${nothingRecorded}`;
    await this.#replay(signal);
  }

  get #left(): readonly StageAnswer[] {
    return this.answers.filter(({ state }) => state !== 'done');
  }

  async #readRecordings(): Promise<void> {
    const keys = this.answers.map(({ spec }) => spec.key);
    const stored = await readRecords(this.#ports.store, 'rollouts', keys);
    this.#recordings = new Map(
      [...stored].flatMap(([key, rollout]) => (rollout.status === 'done' ? [[key, rollout]] : [])),
    );
  }

  /** Null when all have answered, else why they have not. Two local models may not fit into memory: one by one. */
  async #askAll(controller: AbortController): Promise<string | null> {
    const engines = new Map(this.answers.map(({ spec }) => [engineKeyOf(spec.model), spec]));
    for (const [key, spec] of engines) {
      const own = this.answers.filter((answer) => engineKeyOf(answer.spec.model) === key);
      const problem = await this.#askOneEngine(spec, own, controller);
      if (problem !== null) return problem;
    }
    return null;
  }

  async #askOneEngine(
    { model: card, request }: RolloutSpec,
    own: readonly StageAnswer[],
    controller: AbortController,
  ): Promise<string | null> {
    const { signal } = controller;
    const canReplay = own.every(({ spec }) => this.#recordings.has(spec.key));
    const giveUp = (reason: EngineError): void => {
      if (canReplay) controller.abort(reason);
    };
    const loading = new StallWatch(() => giveUp(new StillLoadingError('The model is still loading.')));
    const watch = new StallWatch(() => giveUp(new StallError('The model stopped answering.')));
    let facts: EngineFacts | null = null;
    try {
      this.#phase = 'loading';
      loading.expectWithin(loadPatienceMs);
      const engine = await abortable(this.#ports.openEngine(card, { fresh: false }), signal);
      // Never with the signal: a load goes on for the next question.
      facts = await abortable(engine.load(), signal);
      const usualMs = await abortable(this.#engines.usualMs(card, engine, request), signal);
      loading.end();
      if (this.#phase === 'loading') this.#phase = 'waiting';
      watch.begin(usualMs);
      await this.#speak({ engine, facts }, own, watch, signal);
      return null;
    } catch (error) {
      if (isAbort(error)) return null;
      // A load that only takes its time goes on.
      if (facts && error instanceof EngineLostError) this.#engines.loadAgain(card);
      return sentenceFor(error, facts);
    } finally {
      loading.end();
      watch.end();
      if (watch.firstSignMs !== null) this.#engines.learn(card, watch.firstSignMs);
    }
  }

  async #speak(
    { engine, facts }: LoadedEngine,
    own: readonly StageAnswer[],
    watch: StallWatch,
    signal: AbortSignal,
  ): Promise<void> {
    const onRead = (): void => watch.read();
    const onText = (): void => {
      this.#phase = 'speaking';
      watch.take();
    };
    await runLanes(own, facts.concurrency, async (answer) => {
      const generation = await answer.ask(engine, 'live', { signal, onRead, onText });
      await this.#keep(doneRollout(answer.spec, facts, generation, timestamp(this.#ports.clock)));
    });
  }

  /** What was said live is a recording from then on. One that is stored is not replaced: a verdict may be on it. */
  async #keep(rollout: DoneRollout): Promise<void> {
    if (this.#recordings.has(rollout.key)) return;
    try {
      await this.#ports.store.put('rollouts', [[rollout.key, rollout]]);
    } catch (error) {
      this.#note = `This answer was not stored. ${sentenceOf(error)}`;
    }
  }

  async #replay(signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.#left.map(async (answer) => {
        const recording = this.#recordings.get(answer.spec.key);
        if (!recording) return answer.fail(new InputError('Not recorded.'));
        const rest = fromWhere(recordingOfRollout(recording), answer.text);
        const engine = this.#ports.openRecorded(async () => rest);
        await answer.ask(engine, 'recorded', { signal, onText: () => (this.#phase = 'speaking') });
      }),
    );
  }
}

function sentenceFor(error: unknown, facts: EngineFacts | null): string {
  if (error instanceof StallError || error instanceof StillLoadingError) return error.message;
  if (!facts) return 'The model could not be loaded.';
  if (!(error instanceof EngineLostError)) return 'The model failed to answer.';
  return facts.device === 'webgpu' ? 'The GPU was lost.' : 'The model was lost.';
}
