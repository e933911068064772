import { LockedError, sentenceOf } from '../../core/errors.ts';
import type { Score } from '../../core/parseVerdict.ts';
import { drawOrder } from '../../core/planJudging.ts';
import { type Clock, timestamp } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/store.ts';
import { promptKey, promptsByKey } from '../../core/promptKey.ts';
import type { DoneRollout } from '../../core/rollout.ts';
import { type RatedSignal, type Rubric, isRated, rubricFits, signalsFor } from '../../core/rubric.ts';
import type { Judging, Run } from '../../core/run.ts';
import { readRecords } from '../../core/storedRecords.ts';
import { type ScoredVerdict, type Verdict, verdictKey, verdictKeysOf } from '../../core/verdict.ts';
import { letPageRun, readRunInSteps } from './readRunInSteps.ts';

export interface LabelPorts {
  readonly store: Store;
  readonly clock: Clock;
  /** Stores a verdict, and its judging in the run. */
  readonly keep: (judging: Judging, verdict: Verdict) => Promise<void>;
}

export interface LabelChoice {
  /** Who labels. */
  readonly name: string;
  readonly rubric: Rubric;
  /** Ids of the rubric's signals that are asked for. */
  readonly signals: readonly string[];
  /** Answers to label. */
  readonly count: number;
}

/** An answer to be labelled, and what is asked of it. Which model gave it is not said. */
export interface LabelCard {
  readonly rollout: DoneRollout;
  readonly signals: readonly RatedSignal[];
}

type Scores = ScoredVerdict['scores'];

/** One person's labels of one run: a random order that is always the same, each label stored when it is given. */
export class Labelling {
  readonly judging: Judging;
  readonly cards: readonly LabelCard[];
  readonly #ports: LabelPorts;
  #scores = $state.raw<ReadonlyMap<string, Scores>>(new Map());
  #place = $state(0);
  #signal = $state(0);
  #problem = $state('');
  #waiting = $state(0);
  #given: { readonly place: number; readonly signal: number }[] = [];
  /** Labels are stored one after the other, in the order in which they were given. */
  #storing: Promise<void> = Promise.resolve();
  readonly #release: () => void;

  /**
   * Reads the answers and the labels that this person gave before. Until {@link close} no other tab can label as the
   * same person, whose labels of one answer are one record. Errors: {@link LockedError}, {@link StoreError}.
   */
  static async open(ports: LabelPorts, run: Run, choice: LabelChoice): Promise<Labelling> {
    const { name, rubric } = choice;
    const judge = { kind: 'human', name: name.trim() } as const;
    const judging = { rubric: rubric.id, rubricVersion: rubric.version, judge };
    const release = await ports.store.lock(`labels:${run.id}:${judge.name}`);
    if (!release) {
      throw new LockedError(
        `${judge.name} is labelling this run in another tab. Go on there, or leave the page there first.`,
      );
    }
    try {
      const cards = await drawCards(ports.store, run, choice);
      const keyOf = verdictKeysOf(judging);
      const keys = cards.map(({ rollout }) => keyOf(rollout.key));
      const stored = await readRecords(ports.store, 'verdicts', keys);
      return new Labelling(ports, judging, cards, [...stored.values()], release);
    } catch (error) {
      release();
      throw error;
    }
  }

  private constructor(
    ports: LabelPorts,
    judging: Judging,
    cards: readonly LabelCard[],
    stored: readonly Verdict[],
    release: () => void,
  ) {
    this.#ports = ports;
    this.#release = release;
    this.judging = judging;
    this.cards = cards;
    this.#scores = new Map(
      stored.flatMap((verdict) =>
        verdict.status === 'scored' ? [[verdict.rolloutKey, verdict.scores]] : [],
      ),
    );
    this.#goToOpen(0);
  }

  /** The card in view; undefined when all are labelled. */
  get card(): LabelCard | undefined {
    return this.cards[this.#place];
  }
  get place(): number {
    return this.#place;
  }
  /** What is asked now. */
  get signal(): RatedSignal | undefined {
    return this.card?.signals[this.#signal];
  }
  /** Cards with every label that is asked for. */
  get finished(): number {
    return this.cards.filter((card) => this.#firstOpen(card) < 0).length;
  }
  get canUndo(): boolean {
    return this.#place > 0 || this.#given.length > 0;
  }
  /** Whether every label that was given is stored. */
  get isStored(): boolean {
    return this.#waiting === 0;
  }
  /** Why the last label was not stored. */
  get problem(): string {
    return this.#problem;
  }

  /** The label that was given; undefined where none is. */
  scoreOf({ rollout }: LabelCard, { id }: RatedSignal): Score | undefined {
    return this.#scores.get(rollout.key)?.[id];
  }

  /** Gives the label that is asked for, and goes on to the next that is open. */
  give(score: Score): Promise<void> {
    const { card, signal } = this;
    if (!card || !signal) return Promise.resolve();
    this.#given.push({ place: this.#place, signal: this.#signal });
    this.#set(card, { ...this.#scores.get(card.rollout.key), [signal.id]: score });
    if (this.#signal + 1 < card.signals.length) this.#signal += 1;
    else this.#goToOpen(this.#place + 1);
    return this.#store(card);
  }

  /** Takes the last label back and asks for it again; without one it goes a card back. */
  undo(): Promise<void> {
    const last = this.#given.pop();
    if (!last) {
      this.move(-1);
      return Promise.resolve();
    }
    this.#place = last.place;
    this.#signal = last.signal;
    const { card, signal } = this;
    if (!card || !signal) return Promise.resolve();
    const { [signal.id]: taken, ...rest } = this.#scores.get(card.rollout.key) ?? {};
    this.#set(card, rest);
    return this.#store(card);
  }

  /** To a neighbour, without a label; past the last card all is done. */
  move(by: -1 | 1): void {
    this.#place = Math.min(this.cards.length, Math.max(0, this.#place + by));
    this.#signal = Math.max(0, this.card ? this.#firstOpen(this.card) : 0);
  }

  /** Lets another tab go on, once every label is stored. */
  async close(): Promise<void> {
    await this.#storing;
    this.#release();
  }

  #goToOpen(from: number): void {
    const later = this.cards.findIndex((card, place) => place >= from && this.#firstOpen(card) >= 0);
    const earlier = this.cards.findIndex((card) => this.#firstOpen(card) >= 0);
    this.#place = later >= 0 ? later : earlier >= 0 ? earlier : this.cards.length;
    this.#signal = Math.max(0, this.card ? this.#firstOpen(this.card) : 0);
  }

  #firstOpen(card: LabelCard): number {
    return card.signals.findIndex((signal) => this.scoreOf(card, signal) === undefined);
  }

  #set({ rollout }: LabelCard, scores: Scores): void {
    this.#scores = new Map([...this.#scores, [rollout.key, scores]]);
  }

  /** Stores a card's labels as they are now; without any there is no verdict. */
  #store({ rollout }: LabelCard): Promise<void> {
    const scores = this.#scores.get(rollout.key) ?? {};
    this.#waiting += 1;
    this.#storing = this.#storing.then(async () => {
      try {
        const verdict = this.#verdictOf(rollout, scores);
        if (Object.keys(scores).length > 0) await this.#ports.keep(this.judging, verdict);
        else await this.#ports.store.delete('verdicts', [verdict.key]);
        this.#problem = '';
      } catch (error) {
        this.#problem = `This label is not stored. ${sentenceOf(error)}`;
      }
      this.#waiting -= 1;
    });
    return this.#storing;
  }

  #verdictOf({ key: rolloutKey }: DoneRollout, scores: Scores): Verdict {
    const createdAt = timestamp(this.#ports.clock);
    const nothing = { reason: '', raw: '', inputTokens: null, outputTokens: null, notes: [] };
    const key = verdictKey(rolloutKey, this.judging);
    return { key, rolloutKey, ...this.judging, createdAt, status: 'scored', scores, ...nothing };
  }
}

async function drawCards(store: Store, run: Run, choice: LabelChoice): Promise<LabelCard[]> {
  const prompts = promptsByKey(run);
  const cards: LabelCard[] = [];
  for await (const { rollouts } of readRunInSteps(store, run)) {
    for (const rollout of rollouts) {
      const prompt = prompts.get(promptKey(rollout));
      if (rollout.status !== 'done' || !prompt || !rubricFits(choice.rubric, prompt)) continue;
      const signals = signalsFor(choice.rubric, prompt)
        .filter(isRated)
        .filter(({ id }) => choice.signals.includes(id));
      if (signals.length > 0) cards.push({ rollout, signals });
    }
    await letPageRun();
  }
  return drawOrder(cards, ({ rollout }) => `label ${rollout.key}`, run.seed).slice(0, choice.count);
}
