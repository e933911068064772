import { InputError } from '../../core/errors.ts';
import { findKnownRubric, parseRubric } from '../../core/parseRubric.ts';
import { parseSuite } from '../../core/parseSuite.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Rubric, rubricKey } from '../../core/rubric.ts';
import type { PlannedPrompt } from '../../core/run.ts';
import { selectPrompts } from '../../core/selectPrompts.ts';
import type { Suite } from '../../core/suite.ts';

/** What comes with the app; fetched when a page needs it. */
export interface Library {
  readonly suites: readonly Suite[];
  readonly rubrics: readonly Rubric[];
  readonly postQuestionIds: readonly string[];
}

const nothing: Library = { suites: [], rubrics: [], postQuestionIds: [] };

/** The suites and rubrics there are: those of the app and the user's own. */
export class SuitesState {
  readonly #store: Store;
  readonly #fetchLibrary: () => Promise<Library>;
  #library = $state.raw<Library>(nothing);
  #own = $state.raw<readonly Suite[]>([]);
  #ownRubrics = $state.raw<readonly Rubric[]>([]);
  #loading: Promise<void> | null = null;

  constructor(fetchLibrary: () => Promise<Library>, store: Store) {
    this.#fetchLibrary = fetchLibrary;
    this.#store = store;
  }

  /** Empty until {@link load} is done. */
  get all(): readonly Suite[] {
    return [...this.#library.suites, ...this.#own];
  }
  get own(): readonly Suite[] {
    return this.#own;
  }
  get rubrics(): readonly Rubric[] {
    return [...this.#library.rubrics, ...this.#ownRubrics];
  }
  /** Every version of them that was added. */
  get ownRubrics(): readonly Rubric[] {
    return this.#ownRubrics;
  }
  /** The eight questions of the post, by their ids in the identity suite. */
  get postQuestionIds(): readonly string[] {
    return this.#library.postQuestionIds;
  }
  /** The same as a run asks them. */
  get postPrompts(): PlannedPrompt[] {
    return postPromptsIn(this.#library);
  }
  /** The same as texts. */
  get postQuestions(): readonly string[] {
    return this.postPrompts.map(({ text }) => text);
  }

  /** Once; later calls wait for the first. Errors: {@link StoreError}. */
  load(): Promise<void> {
    this.#loading ??= this.#read().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  /** Reads the user's own anew, as after an import. Errors: {@link StoreError}. */
  async readAgain(): Promise<void> {
    this.#loading = null;
    await this.load();
  }

  /** Adds a suite from a file, or puts it in place of an older one. Errors: {@link InputError}, {@link StoreError}. */
  async add(file: File): Promise<Suite> {
    await this.load();
    const suite = parseSuite(await file.text(), { fileName: file.name });
    if (this.#library.suites.some(({ id }) => id === suite.id)) {
      throw new InputError(
        `${file.name}: the id "${suite.id}" belongs to a built-in suite. Give yours another id.`,
      );
    }
    const older = this.#own.find(({ id }) => id === suite.id);
    if (older && older.version >= suite.version) {
      throw new InputError(
        `${file.name}: you already have version ${older.version} of "${suite.id}". ` +
          `Raise the file's version above that, or delete the old one first.`,
      );
    }
    await this.#store.put('suites', [[suite.id, suite]]);
    this.#own = [...this.#own.filter(({ id }) => id !== suite.id), suite];
    return suite;
  }

  /** Runs keep the prompts that they asked. Errors: {@link StoreError}. */
  async remove(id: string): Promise<void> {
    await this.#store.delete('suites', [id]);
    this.#own = this.#own.filter((suite) => suite.id !== id);
  }

  /** Adds a rubric from a file, beside its other versions. Errors: {@link InputError}, {@link StoreError}. */
  async addRubric(file: File): Promise<{ readonly rubric: Rubric; readonly isNew: boolean }> {
    await this.load();
    const rubric = parseRubric(await file.text(), { fileName: file.name });
    const known = findKnownRubric(this.rubrics, rubric);
    if (known) return { rubric: known, isNew: false };
    await this.#store.put('rubrics', [[rubricKey(rubric), rubric]]);
    this.#ownRubrics = [...this.#ownRubrics, rubric];
    return { rubric, isNew: true };
  }

  /** Verdicts by it stay, and are read again when it is added again. Errors: {@link StoreError}. */
  async removeRubric(rubric: Rubric): Promise<void> {
    await this.#store.delete('rubrics', [rubricKey(rubric)]);
    this.#ownRubrics = this.#ownRubrics.filter((each) => rubricKey(each) !== rubricKey(rubric));
  }

  async #read(): Promise<void> {
    const [library, own, rubrics] = await Promise.all([
      this.#fetchLibrary(),
      this.#store.all('suites'),
      this.#store.all('rubrics'),
    ]);
    this.#library = library;
    const known = new Set(library.rubrics.map(rubricKey));
    this.#ownRubrics = rubrics.filter((rubric) => !known.has(rubricKey(rubric)));
    // An imported one, or one that is older than this version of the app, may have a built-in suite's id.
    const builtIn = new Set(library.suites.map(({ id }) => id));
    this.#own = own.filter(({ id }) => !builtIn.has(id));
  }
}

/** The eight questions of the post, as a run asks them. */
export function postPromptsIn({ suites, postQuestionIds }: Library): PlannedPrompt[] {
  const identity = suites.find(({ id }) => id === 'identity');
  if (!identity) return [];
  return postQuestionIds.flatMap((id) => selectPrompts(identity, { promptIds: [id] }));
}
