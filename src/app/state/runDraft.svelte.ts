import { hasDial, highestDial, isOnDial, parseDialId, sweepDial } from '../../core/dial.ts';
import { InputError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import { countRollouts, samplesAt } from '../../core/plan.ts';
import { type PlannedPrompt, runDefaults } from '../../core/run.ts';
import { selectPrompts } from '../../core/selectPrompts.ts';
import type { Suite } from '../../core/suite.ts';
import type { RunOrder } from './runState.svelte.ts';

/** What can be chosen from. Functions, since the user may add to them while the form is open. */
export interface RunOffer {
  readonly models: () => readonly ModelCard[];
  readonly suites: () => readonly Suite[];
}

const highestTemperature = 5;

type Selection = Readonly<Record<string, ReadonlySet<string>>>;

/** A run while it is being written down: free texts as typed, and what follows from them. */
export class RunDraft {
  readonly #offer: RunOffer;
  name = $state('');
  system = $state<string>(runDefaults.system);
  temperatures = $state(runDefaults.temperatures.join(', '));
  /** Positions of the dial, for the models that have one. */
  dial = $state('0, 1');
  /** Null while its field is empty; so for all numbers here. */
  samples = $state<number | null>(runDefaults.samples);
  topP = $state<number | null>(runDefaults.topP);
  /** 1 is none. */
  repetitionPenalty = $state<number | null>(1);
  maxTokens = $state<number | null>(runDefaults.maxTokens);
  seed = $state<number | null>(runDefaults.seed);
  /** One stop text a line. */
  stop = $state('');
  /** At most this many prompts of each suite; null for all. */
  limit = $state<number | null>(null);
  #modelIds = $state.raw<readonly string[]>([]);
  #selection = $state.raw<Selection>({});

  constructor(offer: RunOffer) {
    this.#offer = offer;
  }

  readonly #cards = $derived.by(() => this.#offer.models().filter(({ id }) => this.#modelIds.includes(id)));
  readonly #positions = $derived(parseNumbers(this.dial, highestDial));
  /** Whether a chosen model has a dial. */
  get hasDial(): boolean {
    return this.#cards.some(hasDial);
  }
  /** Those chosen, at each position of their dial. */
  get models(): readonly ModelCard[] {
    return this.hasDial ? sweepDial(this.#cards, this.#positions ?? []) : this.#cards;
  }
  hasModel(id: string): boolean {
    return this.#modelIds.includes(id);
  }
  /** Chosen prompt ids of a suite. */
  chosen(suiteId: string): ReadonlySet<string> {
    return this.#selection[suiteId] ?? new Set();
  }

  toggleModel(id: string, isOn: boolean): void {
    const others = this.#modelIds.filter((known) => known !== id);
    this.#modelIds = isOn ? [...others, id] : others;
  }

  /** Takes prompts of a suite in or out: all, a category's, or single ones. */
  togglePrompts(suiteId: string, promptIds: readonly string[], isOn: boolean): void {
    const chosen = new Set(this.chosen(suiteId));
    for (const id of promptIds) {
      if (isOn) chosen.add(id);
      else chosen.delete(id);
    }
    this.#selection = { ...this.#selection, [suiteId]: chosen };
  }

  clearPrompts(): void {
    this.#selection = {};
  }

  /** Shows the settings of a run, to make another like it. What is no longer offered is left out. */
  fill(run: RunOrder): void {
    this.name = run.name;
    this.system = run.system;
    this.temperatures = run.temperatures.join(', ');
    this.samples = run.samples;
    this.topP = run.topP;
    this.repetitionPenalty = run.repetitionPenalty ?? 1;
    this.maxTokens = run.maxTokens;
    this.seed = run.seed;
    this.stop = run.stop.join('\n');
    this.limit = null;
    this.#modelIds = [...new Set(run.models.map(({ id }) => parseDialId(id).id))];
    const positions = run.models.filter(isOnDial).map(({ id }) => parseDialId(id).position);
    this.dial = positions.length === 0 ? '1' : [...new Set(positions)].join(', ');
    this.#selection = {};
    for (const suite of this.#offer.suites()) {
      const asked = new Set(
        run.prompts.filter((prompt) => prompt.suite === suite.id).map(({ promptId }) => promptId),
      );
      this.togglePrompts(
        suite.id,
        suite.prompts.map(({ id }) => id).filter((id) => asked.has(id)),
        true,
      );
    }
  }

  readonly #prompts = $derived.by((): PlannedPrompt[] => {
    const limit = isWhole(this.limit, 1, Infinity) ? { limit: this.limit ?? 0 } : {};
    return this.#offer.suites().flatMap((suite) => {
      const promptIds = [...this.chosen(suite.id)];
      if (promptIds.length === 0) return [];
      return selectPrompts(suite, { promptIds, ...limit });
    });
  });
  get prompts(): readonly PlannedPrompt[] {
    return this.#prompts;
  }

  readonly #temperatureList = $derived(parseNumbers(this.temperatures, highestTemperature));
  get answersPerPrompt(): number {
    const list = this.#temperatureList ?? [];
    return list.reduce((sum, temperature) => sum + samplesAt({ samples: this.samples ?? 0 }, temperature), 0);
  }
  get size(): number {
    const temperatures = [...(this.#temperatureList ?? [])];
    const { prompts, samples } = this;
    return countRollouts({
      models: [...this.models],
      prompts: [...prompts],
      temperatures,
      samples: samples ?? 0,
    });
  }

  /** What keeps this from being a run, as sentences; empty when nothing does. */
  readonly #problems = $derived.by((): string[] => {
    const checks: readonly (readonly [boolean, string])[] = [
      [this.#cards.length > 0, 'Choose at least one model.'],
      [this.prompts.length > 0, 'Choose at least one prompt.'],
      [
        this.#temperatureList !== null,
        'Write the temperatures as numbers from 0 to 5 with commas between, as 0, 0.8.',
      ],
      [
        !this.hasDial || this.#positions !== null,
        `Write the positions of the dial as numbers from 0 to ${highestDial} with commas between, as 0, 0.5, 1.`,
      ],
      [isWhole(this.samples, 1, 10_000), 'Samples must be a whole number from 1 to 10,000.'],
      [this.topP !== null && this.topP > 0 && this.topP <= 1, 'Top-p must be above 0 and at most 1.'],
      [
        this.repetitionPenalty !== null && this.repetitionPenalty > 0 && this.repetitionPenalty <= 10,
        'The repetition penalty must be above 0 and at most 10; 1 is none.',
      ],
      [
        isWhole(this.maxTokens, 1, 32_768),
        'Longest answer must be a whole number of tokens from 1 to 32,768.',
      ],
      [isWhole(this.seed, 0, 0xffffffff), 'The seed must be a whole number from 0 to 4,294,967,295.'],
      [
        this.limit === null || isWhole(this.limit, 1, Infinity),
        'The limit must be a whole number of prompts, or empty.',
      ],
    ];
    return checks.filter(([isFine]) => !isFine).map(([, sentence]) => sentence);
  });
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** As numbers; an empty one is among the problems. */
  #numbers() {
    const { samples, topP, maxTokens, seed } = this;
    return { samples: samples ?? 0, topP: topP ?? 0, maxTokens: maxTokens ?? 0, seed: seed ?? 0 };
  }

  /** The run as written. Throws {@link InputError} with the first problem. */
  order(): RunOrder {
    const [problem] = this.#problems;
    if (problem !== undefined) throw new InputError(problem);
    const stop = this.stop.split('\n').filter((text) => text !== '');
    const { samples, topP, maxTokens, seed } = this.#numbers();
    const { system } = this;
    const models = [...this.models];
    const name = this.name.trim() || models.map((model) => model.name).join(', ');
    const temperatures = this.#temperatureList ?? [];
    return {
      name,
      models,
      prompts: this.#prompts,
      system,
      temperatures,
      samples,
      topP,
      ...(this.repetitionPenalty === 1 ? {} : { repetitionPenalty: this.repetitionPenalty ?? 0 }),
      maxTokens,
      stop,
      seed,
    };
  }
}

function isWhole(value: number | null, min: number, max: number): boolean {
  return value !== null && Number.isInteger(value) && value >= min && value <= max;
}

/** Distinct numbers from a list such as "0, 0.8"; null when one is not from 0 to `highest`, or there is none. */
export function parseNumbers(text: string, highest: number): number[] | null {
  const parts = text
    .split(/[,;\s]+/)
    .filter((part) => part !== '')
    .map(Number);
  const isFine = parts.length > 0 && parts.every((value) => value >= 0 && value <= highest);
  return isFine ? [...new Set(parts)] : null;
}
