import { abortable } from '../../core/abortable.ts';
import {
  type AssistantTurn,
  type Chat,
  type Pane,
  type Turn,
  appendTurn,
  branchOf,
  putAnswers,
  setSideBySide,
  showBranch,
  siblingsOf,
  titleOf,
} from '../../core/chat.ts';
import { LockedError, isAbort, sentenceOf } from '../../core/errors.ts';
import { findAnswer } from '../../core/findAnswer.ts';
import type { ModelCard } from '../../core/model.ts';
import { isComparison, messagesUpTo, paneBranch } from '../../core/panes.ts';
import { type Clock, timestamp } from '../../core/ports/clock.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { FindRecording } from '../../core/recordings.ts';
import type { Store } from '../../core/ports/store.ts';
import type { AnswerState, Asking, GrowingAnswer, LoadedEngine } from './growingAnswer.svelte.ts';
import { type AnswerSource, GrowingAnswers } from './growingAnswers.ts';

/** A killed tab loses at most what came within this time. */
const saveEveryMs = 1_500;

export interface ChatPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly openEngine: (card: ModelCard) => Promise<Engine>;
  readonly openRecorded: (find: FindRecording) => Engine;
}

export type ConversationPhase =
  | { readonly state: 'idle' }
  | { readonly state: 'loading' | 'reading' | 'answering' | 'stopping' }
  | { readonly state: 'failed'; readonly error: string };

/** One chat: its turns as stored, and the answers that are being written. Lives on when the page is left. */
export class Conversation {
  readonly #ports: ChatPorts;
  readonly #onChange: (chat: Chat) => void;
  #chat = $state.raw() as Chat;
  #growing = $state.raw<GrowingAnswers | null>(null);
  #phase = $state.raw<ConversationPhase>({ state: 'idle' });
  #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(ports: ChatPorts, chat: Chat, onChange: (chat: Chat) => void) {
    this.#ports = ports;
    this.#chat = chat;
    this.#onChange = onChange;
  }

  readonly #view = $derived.by(() => putAnswers(this.#chat, this.#growing?.turns ?? []));
  /** With the answers that are being written. */
  get chat(): Chat {
    return this.#view;
  }
  /** The turns in view, first to last. */
  get branch(): readonly Turn[] {
    const [first, ...others] = this.#view.panes ?? [];
    return first && others.length === 0 ? paneBranch(this.#view, first.id) : branchOf(this.#view);
  }
  get phase(): ConversationPhase {
    return this.#phase;
  }
  get isBusy(): boolean {
    return this.#phase.state !== 'idle' && this.#phase.state !== 'failed';
  }

  /** A turn's versions, oldest first. */
  versionsOf<Side extends Turn>(turn: Side): readonly Side[] {
    return siblingsOf(this.#view, turn);
  }

  /** How far an answer is that is being written now; undefined for every other. */
  stateOf(turn: Turn): AnswerState | undefined {
    return this.#growing?.stateOf(turn.id);
  }

  /** Whether all versions of an answer are to be seen at once. */
  isSideBySide({ parent }: AssistantTurn): boolean {
    return parent !== null && (this.#view.sideBySide ?? []).includes(parent);
  }

  /** Errors: {@link StoreError}. */
  async showSideBySide({ parent }: AssistantTurn, isOn: boolean): Promise<void> {
    if (parent !== null) await this.#save(setSideBySide(this.#chat, parent, isOn));
  }

  /** Asks something new at the end of the branch in view, once for each asking. Never throws: see `phase`. */
  send(text: string, ...askings: readonly Asking[]): Promise<void> {
    return this.#answer(this.#userTurn(text, this.#chat.leaf), askings);
  }

  /** Asks a turn of the user in other words: a new branch beside the old one. */
  edit(turn: Turn, text: string, ...askings: readonly Asking[]): Promise<void> {
    return this.#answer(this.#userTurn(text, turn.parent), askings);
  }

  /**
   * Asks the same again: new versions of the answer beside the old ones. Where there are panes, an answer's question
   * is asked anew too, since what followed in each pane followed from its own answer.
   */
  retry(turn: Turn, ...askings: readonly Asking[]): Promise<void> {
    const question = this.#chat.turns.find(({ id }) => id === (turn.role === 'user' ? turn.id : turn.parent));
    if (!question) return Promise.resolve();
    const isAnew = turn.role === 'assistant' && this.#chat.panes !== undefined;
    return isAnew ? this.edit(question, question.content, ...askings) : this.#answer(question, askings);
  }

  /** Keeps what has come until now. Resolves when it is stored. */
  stop(): Promise<void> {
    if (this.isBusy) {
      this.#phase = { state: 'stopping' };
      this.#stop.abort(new DOMException('Stopped by the user.', 'AbortError'));
    }
    return this.#work;
  }

  dismissError(): void {
    if (this.#phase.state === 'failed') this.#phase = { state: 'idle' };
  }

  /** Shows another version. Errors: {@link StoreError}. */
  show(turnId: string): Promise<void> {
    return this.isBusy ? Promise.resolve() : this.#save(showBranch(this.#chat, turnId));
  }

  rename(title: string): Promise<void> {
    return title.trim() === '' ? Promise.resolve() : this.#save({ ...this.#chat, title: title.trim() });
  }

  /** The panes that the next question is asked in. Errors: {@link StoreError}. */
  setPanes(panes: readonly Pane[]): Promise<void> {
    return this.#save({ ...this.#chat, panes: [...panes] });
  }

  /** Errors: {@link StoreError}. */
  setSystem(system: string): Promise<void> {
    return this.#save({ ...this.#chat, system });
  }

  #answer(question: Turn, askings: readonly Asking[]): Promise<void> {
    if (!this.isBusy) this.#work = this.#answerAlone(question, askings);
    return this.#work;
  }

  async #answerAlone(question: Turn, askings: readonly Asking[]): Promise<void> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#phase = { state: 'loading' };
    // In view before anything can fail, so that what the user wrote is never lost.
    const isKnown = this.#chat.turns.some(({ id }) => id === question.id);
    this.#chat = isKnown ? { ...this.#chat, leaf: question.id } : appendTurn(this.#chat, question);
    if (askings.length > 1 && !isComparison(this.#chat))
      this.#chat = setSideBySide(this.#chat, question.id, true);
    let release: (() => void) | null = null;
    try {
      release = await this.#lock();
      await this.#ask(question);
      await this.#grow(question, askings, signal);
      this.#phase = { state: 'idle' };
    } catch (error) {
      const isStopped = signal.aborted && (isAbort(error) || error === signal.reason);
      this.#phase = isStopped ? { state: 'idle' } : { state: 'failed', error: sentenceOf(error) };
    } finally {
      release?.();
    }
  }

  async #lock(): Promise<() => void> {
    const release = await this.#ports.store.lock(`chat:${this.#chat.id}`);
    if (release) return release;
    throw new LockedError(
      'This chat is answering in another tab. Wait until it is done there, then reload this page.',
    );
  }

  /** Stores the question before anything is generated. Another tab may have added turns meanwhile. */
  async #ask(question: Turn): Promise<void> {
    const [stored] = await this.#ports.store.get('chats', [this.#chat.id]);
    const known = new Set(stored?.turns.map(({ id }) => id));
    const own = this.#chat.turns.filter(({ id }) => !known.has(id));
    const title = this.#chat.title === '' ? titleOf(question.content) : this.#chat.title;
    await this.#save({ ...this.#chat, turns: [...(stored?.turns ?? []), ...own], title });
  }

  async #grow(question: Turn, askings: readonly Asking[], signal: AbortSignal): Promise<void> {
    const messagesFor = ({ pane }: Asking) => messagesUpTo(this.#chat, question.id, pane);
    const answers = new GrowingAnswers(question.id, askings, this.#ports.clock);
    this.#growing = answers;
    const onGrowth = this.#saveNowAndThen();
    try {
      const { store, openRecorded } = this.#ports;
      const load = (card: ModelCard) => this.#load(card, signal);
      const find: AnswerSource['findAnswer'] = (model, request) => findAnswer(store, model, request);
      await answers.ask(messagesFor, { load, findAnswer: find, openRecorded }, { signal, onGrowth });
    } finally {
      const { kept } = answers;
      this.#growing = null;
      // What came before a stop or a failure is stored too.
      if (kept.length > 0) await this.#save(putAnswers(this.#chat, kept));
    }
  }

  /** Each answer when it ends, and all of them from time to time. */
  #saveNowAndThen(): (answer: GrowingAnswer) => void {
    let isSaving = false;
    let savedAt = this.#ports.clock.now();
    return ({ state }) => {
      if (this.#phase.state === 'reading') this.#phase = { state: 'answering' };
      const isDue = !isSaving && this.#ports.clock.now() - savedAt >= saveEveryMs;
      if (state === 'answering' && !isDue) return;
      isSaving = true;
      savedAt = this.#ports.clock.now();
      // A save that fails here fails again at the end, where it is told.
      const done = (): boolean => (isSaving = false);
      void this.#save(this.#chat).then(done, done);
    };
  }

  async #load(card: ModelCard, signal: AbortSignal): Promise<LoadedEngine> {
    const engine = await this.#ports.openEngine(card);
    // The load may be another's, whose own signal alone ends it; this chat's stop ends the waiting.
    const facts = await abortable(engine.load({ signal }), signal);
    this.#phase = { state: 'reading' };
    return { engine, facts };
  }

  #userTurn(content: string, parent: string | null): Turn {
    return {
      id: crypto.randomUUID(),
      parent,
      role: 'user',
      content,
      createdAt: timestamp(this.#ports.clock),
    };
  }

  async #save(chat: Chat): Promise<void> {
    this.#chat = { ...chat, updatedAt: timestamp(this.#ports.clock) };
    const whole = putAnswers(this.#chat, this.#growing?.kept ?? []);
    this.#onChange(whole);
    await this.#ports.store.put('chats', [[chat.id, whole]]);
  }
}
