import type { Store } from '../../core/ports/store.ts';
import { runDefaults } from '../../core/run.ts';

export type Appearance = 'system' | 'light' | 'dark';

/** How the judge is reached and what it costs. The API key is in {@link KeysState}. */
export interface JudgeSettings {
  readonly preset: string;
  readonly baseUrl: string;
  readonly model: string;
  /** Price per million tokens in the user's currency; null when not given. */
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
  readonly concurrency: number;
  /** Null for no limit of ours. */
  readonly requestsPerMinute: number | null;
  /** Where judging stops by itself; null for no limit. */
  readonly budget: number | null;
}

/** A known judge: what its fields begin with. */
export interface JudgePreset {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly model: string;
  /** Where to get a key; null where none is needed. */
  readonly keyUrl: string | null;
  /** What to know before the first call. */
  readonly note: string;
}

/** What the next message is asked with. */
export interface ChatSettings {
  readonly model: string;
  /** Strength of the persona, for models that have a dial; see core/dial.ts. */
  readonly dial: number;
  /** Asks the base too, with the same seed, for models that have a dial. */
  readonly isBesideBase: boolean;
  readonly system: string;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  /** Null draws a new one for each answer. */
  readonly seed: number | null;
}

export interface Settings {
  readonly appearance: Appearance;
  readonly judge: JudgeSettings;
  readonly chat: ChatSettings;
}

export const defaultSettings: Settings = {
  appearance: 'system',
  judge: {
    ...{ preset: 'custom', baseUrl: '', model: '', inputPrice: null, outputPrice: null },
    ...{ concurrency: 4, requestsPerMinute: null, budget: null },
  },
  chat: {
    ...{ model: 'mini-persona', system: runDefaults.system, temperature: 0.8, topP: runDefaults.topP },
    ...{ maxTokens: runDefaults.maxTokens, seed: null, dial: 1, isBesideBase: true },
  },
};

/** What the user has chosen. A change is stored at once. */
export class SettingsState {
  readonly #store: Store;
  #settings = $state.raw<Settings>(defaultSettings);

  constructor(store: Store) {
    this.#store = store;
  }

  get appearance(): Appearance {
    return this.#settings.appearance;
  }
  get judge(): JudgeSettings {
    return this.#settings.judge;
  }
  get chat(): ChatSettings {
    return this.#settings.chat;
  }

  /** Errors: {@link StoreError}. What is stored in a form that is not known is left out. */
  async load(): Promise<void> {
    const [appearance, judge, chat] = await this.#store.get('settings', ['appearance', 'judge', 'chat']);
    this.#settings = {
      appearance: appearance === 'light' || appearance === 'dark' ? appearance : 'system',
      judge: fill(defaultSettings.judge, judge),
      chat: fill(defaultSettings.chat, chat),
    };
  }

  setAppearance(appearance: Appearance): Promise<void> {
    return this.#change('appearance', appearance);
  }
  setJudge(change: Partial<JudgeSettings>): Promise<void> {
    return this.#change('judge', { ...this.judge, ...change });
  }
  setChat(change: Partial<ChatSettings>): Promise<void> {
    return this.#change('chat', { ...this.chat, ...change });
  }

  async #change<Name extends keyof Settings>(name: Name, value: Settings[Name]): Promise<void> {
    this.#settings = { ...this.#settings, [name]: value };
    await this.#store.put('settings', [[name, value]]);
  }
}

/** The stored members that have the default's type; null stands where the default or the stored one is null. */
function fill<T extends object>(defaults: T, stored: unknown): T {
  if (typeof stored !== 'object' || stored === null) return defaults;
  const known = Object.entries(stored).filter(([name, value]) => {
    if (!Object.hasOwn(defaults, name)) return false;
    const normal = defaults[name as keyof T];
    return normal === null ? value === null || typeof value === 'number' : typeof value === typeof normal;
  });
  return { ...defaults, ...Object.fromEntries(known) };
}
