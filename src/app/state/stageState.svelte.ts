import { dialled, highestDial } from '../../core/dial.ts';
import type { ModelCard } from '../../core/model.ts';
import { type Talk, canDial, pairOf, planTalk, stageDialStep } from '../../core/talk.ts';
import { StageEngines } from './stageEngines.ts';
import { type StagePorts, StageTurn } from './stageTurn.svelte.ts';

export type StageMode = 'one' | 'beside' | 'eight';

/** A talk on stage: which question, which voices, and what they have said so far. */
export class StageState {
  readonly talk: Talk;
  readonly #ports: StagePorts;
  /** By the keys of their cells. */
  readonly #turns = new Map<string, StageTurn>();
  readonly #engines: StageEngines;
  #place = $state.raw(0);
  #mode = $state.raw<StageMode>('one');
  #voicePlace = $state.raw(0);
  #dial = $state.raw(1);

  constructor(talk: Talk, ports: StagePorts) {
    this.talk = talk;
    this.#ports = ports;
    this.#engines = new StageEngines(ports.openEngine);
  }

  /** Of the question in the talk, from 0. */
  get place(): number {
    return this.#place;
  }
  get question(): string {
    return this.talk.prompts[this.#place]?.text ?? '';
  }
  get mode(): StageMode {
    return this.#mode;
  }
  get dial(): number {
    return this.#dial;
  }

  readonly #own = $derived.by(() => this.talk.models[this.#voicePlace] ?? firstOf(this.talk));
  /** Whether the voice that speaks has a dial. */
  get hasDial(): boolean {
    return canDial(this.#own);
  }
  /** The voice that speaks where one does, at the position of its dial. */
  readonly #voice = $derived(this.#at(this.#own));
  get voice(): ModelCard {
    return this.#voice;
  }
  /** A persona and its base; null where the talk lacks one of them. */
  readonly #pair = $derived.by(() => {
    const pair = pairOf(this.talk, this.#own);
    return pair && ([this.#at(pair[0]), pair[1]] as const);
  });
  get canBeside(): boolean {
    return this.#pair !== null;
  }
  /** Those that speak. */
  get voices(): readonly ModelCard[] {
    return this.#mode === 'beside' && this.#pair ? this.#pair : [this.#voice];
  }

  readonly #turn = $derived.by(() => {
    const prompt = this.talk.prompts[this.#place];
    const plan = planTalk({ ...this.talk, prompts: prompt ? [prompt] : [] }, this.voices);
    const specs = this.#mode === 'eight' ? plan : plan.filter(({ sample }) => sample === 0);
    const key = specs.map((spec) => spec.key).join(' ');
    const turn = this.#turns.get(key) ?? new StageTurn(specs, this.#ports, this.#engines);
    this.#turns.set(key, turn);
    return turn;
  });
  /** The question in view, put to the voices in view. */
  get turn(): StageTurn {
    return this.#turn;
  }

  /** From 0; a place that there is not changes nothing. */
  choose(place: number): void {
    if (place < 0 || place >= this.talk.prompts.length || place === this.#place) return;
    this.#leaveTurn(() => (this.#place = place));
  }

  /** A mode that is on goes back to one voice. */
  toggleMode(mode: StageMode): void {
    if (mode === 'beside' && !this.canBeside) return;
    this.#leaveTurn(() => (this.#mode = this.#mode === mode ? 'one' : mode));
  }

  /** To the next voice; from persona beside base to the persona alone. */
  cycleVoice(): void {
    this.#leaveTurn(() => {
      if (this.#mode === 'beside') this.#mode = 'one';
      else this.#voicePlace = (this.#voicePlace + 1) % this.talk.models.length;
    });
  }

  turnDial(direction: 1 | -1): void {
    const position = this.#dial + direction * stageDialStep;
    if (!this.hasDial || position < 0 || position > highestDial) return;
    this.#leaveTurn(() => (this.#dial = position));
  }

  /** Starts asking live, or stops what is being said. */
  toggle(): void {
    void (this.turn.isBusy ? this.turn.stop() : this.turn.start());
  }

  replay(): void {
    void this.turn.replay();
  }

  /** Gets the voice in view ready, so that the first question need not wait. A failure shows in the engine's status. */
  async prepare(): Promise<void> {
    const { voice } = this;
    const [first] = this.turn.answers;
    const load = async (): Promise<void> => {
      const engine = await this.#ports.openEngine(voice, { fresh: false });
      await engine.load();
      if (first) await this.#engines.usualMs(voice, engine, first.spec.request);
    };
    await load().catch(() => undefined);
  }

  leave(): void {
    void this.turn.stop();
  }

  #leaveTurn(change: () => void): void {
    void this.turn.stop();
    change();
  }

  #at(card: ModelCard): ModelCard {
    return canDial(card) ? dialled(card, this.#dial) : card;
  }
}

function firstOf({ models: [first] }: Talk): ModelCard {
  if (!first) throw new Error('A talk has at least one voice.');
  return first;
}
