import { abortable } from '../../core/abortable.ts';
import { type Chat, type Turn, appendTurn, branchOf, showBranch, siblingsOf } from '../../core/chat.ts';
import { LockedError, isAbort, sentenceOf } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import { type Clock, timestamp } from '../../core/ports/clock.ts';
import type { Engine, EngineFacts, GenerationRequest, Message } from '../../core/ports/engine.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Asking, GrowingAnswer } from './growingAnswer.ts';

/** A killed tab loses at most what came within this time. */
const saveEveryMs = 1_500;
/** Titles stand in a narrow column. */
const titleChars = 60;

export interface ChatPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly openEngine: (card: ModelCard) => Promise<Engine>;
}

export type ConversationPhase =
  | { readonly state: 'idle' }
  | { readonly state: 'loading' | 'reading' | 'answering' | 'stopping' }
  | { readonly state: 'failed'; readonly error: string };

/** One chat: its turns as stored, and the answer that is being written. Lives on when the page is left. */
export class Conversation {
  readonly #ports: ChatPorts;
  readonly #onChange: (chat: Chat) => void;
  #chat = $state.raw() as Chat;
  #phase = $state.raw<ConversationPhase>({ state: 'idle' });
  #stop: AbortController | null = null;

  constructor(ports: ChatPorts, chat: Chat, onChange: (chat: Chat) => void) {
    this.#ports = ports;
    this.#chat = chat;
    this.#onChange = onChange;
  }

  get chat(): Chat {
    return this.#chat;
  }
  /** The turns in view, first to last. */
  get branch(): readonly Turn[] {
    return branchOf(this.#chat);
  }
  get phase(): ConversationPhase {
    return this.#phase;
  }
  get isBusy(): boolean {
    return this.#phase.state !== 'idle' && this.#phase.state !== 'failed';
  }

  /** The ids of a turn's versions, oldest first. */
  versionsOf(turn: Turn): readonly string[] {
    return siblingsOf(this.#chat, turn).map(({ id }) => id);
  }

  /** Asks something new at the end of the branch in view. Never throws: see `phase`. */
  send(text: string, asking: Asking): Promise<void> {
    return this.#answer(this.#userTurn(text, this.#chat.leaf), asking);
  }

  /** Asks a turn of the user in other words: a new branch beside the old one. */
  edit(turn: Turn, text: string, asking: Asking): Promise<void> {
    return this.#answer(this.#userTurn(text, turn.parent), asking);
  }

  /** Asks the same again: a new version of the answer beside the old ones. */
  retry(turn: Turn, asking: Asking): Promise<void> {
    const question = this.#chat.turns.find(({ id }) => id === (turn.role === 'user' ? turn.id : turn.parent));
    return question ? this.#answer(question, asking) : Promise.resolve();
  }

  /** Keeps what has come until now. */
  stop(): void {
    if (!this.isBusy) return;
    this.#phase = { state: 'stopping' };
    this.#stop?.abort(new DOMException('Stopped by the user.', 'AbortError'));
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

  /** Errors: {@link StoreError}. */
  setSystem(system: string): Promise<void> {
    return this.#save({ ...this.#chat, system });
  }

  async #answer(question: Turn, asking: Asking): Promise<void> {
    if (this.isBusy) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#phase = { state: 'loading' };
    // In view before anything can fail, so that what the user wrote is never lost.
    const isKnown = this.#chat.turns.some(({ id }) => id === question.id);
    this.#chat = isKnown ? { ...this.#chat, leaf: question.id } : appendTurn(this.#chat, question);
    let release: (() => void) | null = null;
    try {
      release = await this.#lock();
      await this.#ask(question);
      await this.#generate(question, asking, stop.signal);
      this.#phase = { state: 'idle' };
    } catch (error) {
      const isStopped = stop.signal.aborted && (isAbort(error) || error === stop.signal.reason);
      this.#phase = isStopped ? { state: 'idle' } : { state: 'failed', error: sentenceOf(error) };
    } finally {
      this.#stop = null;
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

  async #generate(question: Turn, asking: Asking, signal: AbortSignal): Promise<void> {
    const request = this.#requestFor(question, asking);
    const { engine, facts } = await this.#load(asking.card, signal);
    const answer = new GrowingAnswer(question, asking, facts, this.#ports.clock);
    this.#phase = { state: 'reading' };
    let isSaving = false;
    let savedAt = this.#ports.clock.now();
    const onText = (text: string, tokens: number): void => {
      if (this.#phase.state === 'reading') this.#phase = { state: 'answering' };
      answer.grow(text, tokens);
      this.#chat = withTurn(this.#chat, answer.partial());
      if (isSaving || this.#ports.clock.now() - savedAt < saveEveryMs) return;
      isSaving = true;
      savedAt = this.#ports.clock.now();
      // A save that fails here fails again at the end, where it is told.
      const done = (): boolean => (isSaving = false);
      void this.#save(this.#chat).then(done, done);
    };
    try {
      const generation = await engine.generate(request, { signal, onText });
      await this.#save(withTurn(this.#chat, answer.whole(generation)));
    } catch (error) {
      await this.#keepPart(answer, error, signal);
      throw error;
    }
  }

  /** What came before a stop or a failure is stored with its reason. */
  async #keepPart(answer: GrowingAnswer, error: unknown, signal: AbortSignal): Promise<void> {
    if (answer.isEmpty) return;
    const turn = signal.aborted ? answer.partial() : answer.failed(sentenceOf(error));
    await this.#save(withTurn(this.#chat, turn));
  }

  async #load(card: ModelCard, signal: AbortSignal): Promise<{ engine: Engine; facts: EngineFacts }> {
    const engine = await this.#ports.openEngine(card);
    // The load may be another's, whose own signal alone ends it; this chat's stop ends the waiting.
    return { engine, facts: await abortable(engine.load({ signal }), signal) };
  }

  #requestFor(question: Turn, { card, sampling, seed }: Asking): GenerationRequest {
    const turns = branchOf(this.#chat, question.id).map(({ role, content }): Message => ({ role, content }));
    const { system } = this.#chat;
    const messages: Message[] = system === '' ? turns : [{ role: 'system', content: system }, ...turns];
    const hasAdapters = card.engine === 'transformers' && card.adapters.length > 0;
    return { messages, sampling, seed, ...(hasAdapters ? { adapters: card.adapters } : {}) };
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
    this.#onChange(this.#chat);
    await this.#ports.store.put('chats', [[chat.id, this.#chat]]);
  }
}

/** Puts a turn in place of its earlier state, or at the end. */
function withTurn(chat: Chat, turn: Turn): Chat {
  const isKnown = chat.turns.some(({ id }) => id === turn.id);
  if (!isKnown) return appendTurn(chat, turn);
  return { ...chat, turns: chat.turns.map((old) => (old.id === turn.id ? turn : old)) };
}

function titleOf(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length <= titleChars ? line : `${line.slice(0, titleChars - 1).trimEnd()}…`;
}
