import type { Pane, Turn } from '../../core/chat.ts';
import { dialled, hasDial, parseDialId } from '../../core/dial.ts';
import { InputError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import { answerIn, isComparison } from '../../core/panes.ts';
import { askInTurn } from './askInTurn.ts';
import { type AskingOptions, chatAskings, paneAskings } from './chatAskings.ts';
import type { ChatsState } from './chatsState.svelte.ts';
import {
  type Comparison,
  comparisonOf,
  formatComparison,
  longestLink,
  parseComparison,
} from './comparisonLink.ts';
import { addPane, canAsk, newPane, panesBesideBase } from './comparisonPanes.ts';
import type { Conversation } from './conversation.svelte.ts';
import type { Asking } from './growingAnswer.svelte.ts';
import type { ModelsState } from './modelsState.svelte.ts';
import type { ChatSettings, SettingsState } from './settingsState.svelte.ts';

interface DeskPorts {
  readonly chats: Pick<ChatsState, 'begin'>;
  readonly models: Pick<ModelsState, 'ready' | 'find'>;
  readonly settings: Pick<SettingsState, 'chat' | 'setChat'>;
}

/** What the address shows: an open chat, or a new one, which its query may prepare as a comparison. */
interface DeskPlace {
  readonly conversation: Conversation | undefined;
  readonly query: URLSearchParams;
}

/** Who is asked in the chat in view, and how. */
export class ChatDesk {
  readonly #ports: DeskPorts;
  readonly #place: () => DeskPlace;

  constructor(ports: DeskPorts, place: () => DeskPlace) {
    this.#ports = ports;
    this.#place = place;
  }

  readonly #draft = $derived.by((): Comparison | InputError | null => {
    const { conversation, query } = this.#place();
    return conversation ? null : readComparison(query);
  });
  readonly #panes = $derived.by((): readonly Pane[] => {
    const { conversation } = this.#place();
    const panes = conversation ? conversation.chat.panes : this.draft?.panes;
    return panes && isComparison({ panes: [...panes] }) ? panes : [];
  });

  /** The comparison that was prepared and not begun. */
  get draft(): Comparison | null {
    return this.#draft instanceof InputError ? null : this.#draft;
  }
  /** What is wrong with the link to a comparison; empty when nothing is. */
  get linkProblem(): string {
    return this.#draft instanceof InputError ? this.#draft.message : '';
  }
  /** Those of the comparison; empty where nothing is compared. */
  get panes(): readonly Pane[] {
    return this.#panes;
  }
  /** Who is asked where nothing is compared. */
  get card(): ModelCard | undefined {
    const { models, settings } = this.#ports;
    return models.ready.find(({ id }) => id === settings.chat.model) ?? models.ready[0];
  }
  get system(): string {
    return this.#place().conversation?.chat.system ?? this.draft?.system ?? this.#ports.settings.chat.system;
  }
  /** Why nothing can be asked now; null when it can. */
  get whyNot(): string | null {
    const missing = this.#panes.filter((pane) => !canAsk(pane, this.#ports.models.ready));
    if (missing.length === 0) return null;
    const names = [...new Set(missing.map(({ model }) => this.#ports.models.find(model)?.name ?? model))];
    return `Not on this device: ${names.join(', ')}. Install it under Models, or choose another for its pane.`;
  }
  /** The address of the comparison in view; null where it would be too long. */
  get link(): string | null {
    const { conversation } = this.#place();
    const comparison = conversation ? comparisonOf(conversation.chat) : this.draft;
    const link = comparison ? formatComparison(comparison) : '';
    return link.length > longestLink ? null : link;
  }

  /** Asks in the chat in view, or begins one. */
  send(text: string, times: number): Conversation | null {
    const panes = this.#panes.length > 0 || times > 1 ? this.#panes : this.#firstPanes();
    const askings = this.#askings(panes, { times });
    if (askings.length === 0) return null;
    const chat = this.#place().conversation ?? this.#ports.chats.begin(this.system, panes);
    void chat.send(text, ...askings);
    return chat;
  }

  /** Begins the prepared comparison with the questions of its link, one after the other. */
  askDraft(): Conversation | null {
    const { draft } = this;
    if (!draft) return null;
    const { panes, questions, seeds, topP, maxTokens } = draft;
    const { chat: own } = this.#ports.settings;
    const sampling = { ...own, topP: topP ?? own.topP, maxTokens: maxTokens ?? own.maxTokens };
    const chat = this.#ports.chats.begin(this.system, panes);
    void askInTurn(chat, questions, (index) =>
      this.#paneAskings(panes, { ...sampling, seed: seeds[index] ?? own.seed }),
    );
    return chat;
  }

  edit(turn: Turn, text: string): void {
    void this.#place().conversation?.edit(turn, text, ...this.#askings(this.#panes));
  }

  /** A fixed seed would give the same answer again, so another answer has a new one. */
  retry(turn: Turn): void {
    void this.#place().conversation?.retry(turn, ...this.#askings(this.#panes, { isAnew: true }));
  }

  /** Asks one pane for the answer that it lacks, with the seed of the answers beside it. */
  fill(question: Turn, pane: Pane): void {
    const { conversation } = this.#place();
    const known = this.#panes.map(({ id }) => conversation && answerIn(conversation.chat, question.id, id));
    const { chat } = this.#ports.settings;
    const seed = known.find((answer) => answer && !answer.recordedAt)?.seed ?? chat.seed;
    void conversation?.retry(question, ...this.#paneAskings([pane], { ...chat, seed }));
  }

  /** Changes the panes of the comparison in view; one that is left alone is asked as the settings say. */
  async setPanes(panes: readonly Pane[]): Promise<void> {
    const { conversation } = this.#place();
    const [first] = panes;
    if (!conversation) return this.#prepare({ panes });
    await conversation.setPanes(panes);
    if (first && panes.length === 1) {
      const { id: model, position: dial } = parseDialId(first.model);
      await this.#ports.settings.setChat({ model, dial, temperature: first.temperature });
    }
  }

  /** Makes the chat in view a comparison, which goes on from what was said so far. */
  async compare(): Promise<void> {
    const { conversation } = this.#place();
    const { card } = this;
    if (!card) return;
    const { dial, temperature } = this.#ports.settings.chat;
    const own = newPane((hasDial(card) ? dialled(card, dial) : card).id, temperature);
    const id = conversation?.chat.panes?.[0]?.id ?? own.id;
    await this.setPanes(addPane([{ ...own, id }], this.#ports.models.ready));
  }

  /** That of the chat in view; before it has begun, that of the link, or of the settings where the link has none. */
  async setSystem(system: string): Promise<void> {
    const { conversation } = this.#place();
    if (conversation) await conversation.setSystem(system);
    else if (typeof this.draft?.system === 'string') this.#prepare({ system });
    else await this.#ports.settings.setChat({ system });
  }

  /** The address holds what is prepared, so that it can be copied and outlives a reload. */
  #prepare(change: Partial<Comparison>): void {
    const none = { panes: [], system: null, questions: [], seeds: [], topP: null, maxTokens: null };
    location.replace(formatComparison({ ...(this.draft ?? none), ...change }));
  }

  #firstPanes(): readonly Pane[] {
    const { card } = this;
    if (!card || this.#place().conversation) return [];
    return panesBesideBase(card, this.#ports.settings.chat) ?? [];
  }

  #askings(panes: readonly Pane[], options: AskingOptions = {}): readonly Asking[] {
    const { chat } = this.#ports.settings;
    if (panes.length > 0) return this.#paneAskings(panes, chat, options);
    const pane = this.#place().conversation?.chat.panes?.[0]?.id;
    return this.card ? chatAskings(this.card, chat, { ...options, pane }) : [];
  }

  #paneAskings(panes: readonly Pane[], settings: ChatSettings, options: AskingOptions = {}) {
    const asked = panes.filter((pane) => canAsk(pane, this.#ports.models.ready));
    return paneAskings(asked, (model) => this.#ports.models.find(model), settings, options);
  }
}

function readComparison(query: URLSearchParams): Comparison | InputError | null {
  try {
    return parseComparison(query);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
