import type { Chat, Pane } from '../../core/chat.ts';
import { timestamp } from '../../core/ports/clock.ts';
import { type ChatPorts, Conversation } from './conversation.svelte.ts';

/** The stored chats, and those that are open. */
export class ChatsState {
  readonly #ports: ChatPorts;
  readonly #open = new Map<string, Conversation>();
  #chats = $state.raw<readonly Chat[]>([]);
  #isLoaded = $state.raw(false);

  constructor(ports: ChatPorts) {
    this.#ports = ports;
  }

  /** Newest first. */
  get all(): readonly Chat[] {
    return this.#chats;
  }
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Errors: {@link StoreError}. */
  async load(): Promise<void> {
    this.#chats = newestFirst(await this.#ports.store.all('chats'));
    this.#isLoaded = true;
  }

  /** Reads what another has stored, as an import; a chat at work goes on. Errors: {@link StoreError}. */
  async readAgain(): Promise<void> {
    for (const [id, { isBusy }] of this.#open) if (!isBusy) this.#open.delete(id);
    await this.load();
  }

  /** A chat that is stored with its first message. */
  begin(system: string, panes: readonly Pane[] = []): Conversation {
    const createdAt = timestamp(this.#ports.clock);
    const common = { title: '', createdAt, updatedAt: createdAt, system, turns: [], leaf: null };
    const compared = panes.length > 0 ? { panes: [...panes] } : {};
    return this.#openChat({ format: 1, id: crypto.randomUUID(), ...common, ...compared });
  }

  /** The conversation of a stored chat; undefined when there is none of this id. */
  open(id: string): Conversation | undefined {
    const open = this.#open.get(id);
    if (open) return open;
    const chat = this.#chats.find((stored) => stored.id === id);
    return chat && this.#openChat(chat);
  }

  /** Errors: {@link StoreError}. */
  async remove(id: string): Promise<void> {
    const open = this.#open.get(id);
    this.#open.delete(id);
    this.#chats = this.#chats.filter((chat) => chat.id !== id);
    // What it was writing is stored first, or it would come back.
    await open?.stop();
    await this.#ports.store.delete('chats', [id]);
  }

  #openChat(chat: Chat): Conversation {
    const conversation = new Conversation(this.#ports, chat, (changed) => {
      if (this.#open.get(changed.id) !== conversation) return;
      this.#chats = newestFirst([...this.#chats.filter(({ id }) => id !== changed.id), changed]);
    });
    this.#open.set(chat.id, conversation);
    return conversation;
  }
}

function newestFirst(chats: readonly Chat[]): readonly Chat[] {
  return [...chats].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}
