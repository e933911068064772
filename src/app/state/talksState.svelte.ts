import { lockRun } from '../../core/lockRun.ts';
import type { ModelCard } from '../../core/model.ts';
import { cellKeys } from '../../core/plan.ts';
import { timestamp } from '../../core/ports/clock.ts';
import type { PlannedPrompt } from '../../core/run.ts';
import { readRollouts } from '../../core/storedRecords.ts';
import { type Talk, newTalk, runOfTalk, stageRunOf, withPresentVoices } from '../../core/talk.ts';
import type { TalkFile } from '../../core/talkFile.ts';
import { CollectingState } from './collectingState.svelte.ts';
import { heldKeys } from './heldKeys.ts';
import type { StagePorts } from './stageTurn.svelte.ts';

/** Of the talk that is there before the first is made. */
const firstId = 'eight-questions';
/** When it is made again, it must not stand in the way of what someone has made of it and imports. */
const beforeAll = '2026-11-01T00:00:00.000Z';

export interface TalkPorts extends StagePorts {
  /** A card that can be asked on this device, also with a position of its dial. */
  readonly findModel: (id: string) => ModelCard | undefined;
  /** The questions of a new talk. */
  readonly postPrompts: () => Promise<PlannedPrompt[]>;
  /** The voices of a new talk. */
  readonly voices: () => ModelCard[];
}

/** The stored talks, and the recording of them. */
export class TalksState {
  readonly #ports: TalkPorts;
  readonly #collectings = new Map<string, CollectingState>();
  #stored = $state.raw<readonly Talk[]>([]);
  #isLoaded = $state.raw(false);

  constructor(ports: TalkPorts) {
    this.#ports = ports;
  }

  readonly #all = $derived.by(() =>
    this.#stored.map((talk) => withPresentVoices(talk, this.#ports.findModel)),
  );
  /** Newest first, with the voices as this device has them now. */
  get all(): readonly Talk[] {
    return this.#all;
  }
  get isLoaded(): boolean {
    return this.#isLoaded;
  }
  get ports(): StagePorts {
    return this.#ports;
  }

  find(id: string): Talk | undefined {
    return this.#all.find((talk) => talk.id === id);
  }

  /** Where there is none yet, the first is made. Errors: {@link StoreError}. */
  async load(): Promise<void> {
    this.#stored = newestFirst(await this.#ports.store.all('talks'));
    if (this.#stored.length === 0) await this.#putNew(firstId, beforeAll);
    this.#isLoaded = true;
  }

  /** A new talk: the post's questions, to the mini persona and its base. Errors: {@link StoreError}. */
  create(): Promise<Talk> {
    return this.#putNew(crypto.randomUUID(), timestamp(this.#ports.clock));
  }

  async #putNew(id: string, createdAt: string): Promise<Talk> {
    const order = { title: 'Ask it who it is', prompts: await this.#ports.postPrompts() };
    const talk = newTalk(id, { ...order, models: this.#ports.voices() }, createdAt);
    await this.#put(talk);
    return talk;
  }

  /** Stores a talk in place of its older state. Errors: {@link StoreError}. */
  async keep(talk: Talk): Promise<void> {
    await this.#put({ ...talk, updatedAt: timestamp(this.#ports.clock) });
    await this.count(talk.id);
  }

  /** Deletes a talk, and those of its recordings that no run and no other talk holds. Errors: as {@link lockRun}. */
  async remove(id: string): Promise<void> {
    const talk = this.find(id);
    if (!talk) return;
    const { store } = this.#ports;
    const release = await lockRun(store, runOfTalk(talk).id);
    try {
      const held = await heldKeys(store, id);
      const own = cellKeys(stageRunOf(talk));
      await store.delete(
        'rollouts',
        own.filter((key) => !held.has(key)),
      );
      await store.delete('talks', [id]);
    } finally {
      release();
    }
    this.#collectings.delete(id);
    await this.load();
  }

  /** How far the recording of a talk is. */
  recording(id: string): CollectingState {
    const known = this.#collectings.get(id);
    if (known) return known;
    const collecting = new CollectingState(this.#ports);
    this.#collectings.set(id, collecting);
    return collecting;
  }

  /** Counts the recordings that are stored. Errors: {@link StoreError}. */
  async count(id: string): Promise<void> {
    const talk = this.find(id);
    if (talk) await this.recording(id).refresh(runOfTalk(talk));
  }

  /** Records what is missing. Never throws. */
  async record(id: string): Promise<void> {
    const talk = this.find(id);
    if (talk) await this.recording(id).start(runOfTalk(talk));
  }

  /** The talk with its recordings. Errors: {@link StoreError}. */
  async file(talk: Talk): Promise<TalkFile> {
    const rollouts = await readRollouts(this.#ports.store, stageRunOf(talk));
    return { talk, rollouts: [...rollouts.values()] };
  }

  async #put(talk: Talk): Promise<void> {
    const copy: unknown = $state.snapshot(talk);
    const plain = copy as Talk;
    // Seen before it is stored: a field that is typed into would fall back to its old value meanwhile.
    this.#stored = newestFirst([...this.#stored.filter(({ id }) => id !== plain.id), plain]);
    await this.#ports.store.put('talks', [[plain.id, plain]]);
  }
}

function newestFirst(talks: readonly Talk[]): readonly Talk[] {
  return [...talks].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}
