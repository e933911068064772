import { z } from 'zod';
import { type Belief, beliefSchema } from './belief.ts';
import { type Chat, chatSchema } from './chat.ts';
import { InputError } from './errors.ts';
import { migrate } from './migrate.ts';
import { type ModelCard, modelCardSchema } from './model.ts';
import type { Collection, Store } from './ports/store.ts';
import { rolloutSchema } from './rollout.ts';
import { type Rubric, checkRubric, rubricKey } from './rubric.ts';
import type { RunFile } from './runFile.ts';
import { RunRecords } from './runRecords.ts';
import { type FileOrigin, LineSealer, type SealedForm, readSealedLines } from './sealedLines.ts';
import { type Suite, checkSuite } from './suite.ts';
import { type TalkFile, TalkRecords } from './talkFile.ts';
import { verdictSchema } from './verdict.ts';

const form: SealedForm = {
  format: 'otherself-device',
  version: 1,
  name: 'export of everything',
  source: 'Make one in Settings, under Storage; a single run is imported on the page Run.',
  describe: ({ records = 0 }) => `${records} records`,
};

/** In the order in which they are written and must be read: what a run or talk holds is known by it. */
const collections = [
  ...(['runs', 'talks', 'rollouts', 'verdicts', 'beliefs'] as const),
  ...(['suites', 'rubrics', 'models', 'chats', 'settings'] as const),
];

/** Settings that never leave a device and never come to one. */
const secret = new Set(['apiKeys']);

/** Records read at once: enough to be fast, few enough to leave room for a run's writes in between. */
const chunkKeys = 500;

/** Everything that a device stores for the app, but for API keys. */
export interface DeviceFile {
  readonly runs: readonly RunFile[];
  readonly talks: readonly TalkFile[];
  /** Of all runs, which may share them. */
  readonly beliefs: readonly Belief[];
  readonly suites: readonly Suite[];
  readonly rubrics: readonly Rubric[];
  readonly models: readonly ModelCard[];
  readonly chats: readonly Chat[];
  readonly settings: ReadonlyMap<string, unknown>;
  /** Answers and verdicts that belong to none of the runs and talks. */
  readonly strays: number;
}

/**
 * Every record as a line `{"collection", "key", "record"}` between a header and an end line, in groups of whole
 * lines. API keys are left out. Errors: {@link StoreError}.
 */
export async function* writeDeviceFile(store: Store, origin: FileOrigin): AsyncGenerator<string> {
  const sealer = new LineSealer();
  yield sealer.header(form, origin);
  let count = 0;
  for (const collection of collections) {
    const keys = (await store.keys(collection)).filter((key) => !isSecret(collection, key));
    for (let start = 0; start < keys.length; start += chunkKeys) {
      const chunk = keys.slice(start, start + chunkKeys);
      const records = await store.get(collection, chunk);
      const lines = chunk.flatMap((key, index) => {
        const record = records[index];
        // Deleted meanwhile, as by another tab.
        return record === undefined ? [] : [sealer.line({ collection, key, record })];
      });
      count += lines.length;
      yield lines.join('');
    }
  }
  yield sealer.end({ records: count });
}

/** Reads such a file: all of it or nothing. Throws {@link InputError} naming the line and field. */
export function parseDeviceFile(
  source: string | Iterable<string>,
  { fileName }: { readonly fileName: string },
): DeviceFile {
  const records = new DeviceRecords();
  readSealedLines(form, source, { fileName, sink: records });
  return records.file();
}

function isSecret(collection: Collection, key: string): boolean {
  return collection === 'settings' && secret.has(key);
}

const lineSchema = z.strictObject({ collection: z.enum(collections), key: z.string(), record: z.unknown() });

class DeviceRecords {
  readonly #runs: RunRecords[] = [];
  readonly #talks: TalkRecords[] = [];
  readonly #beliefs: Belief[] = [];
  readonly #suites: Suite[] = [];
  readonly #rubrics: Rubric[] = [];
  readonly #models: ModelCard[] = [];
  readonly #chats: Chat[] = [];
  readonly #settings = new Map<string, unknown>();
  readonly #seen = new Set<string>();
  #strays = 0;

  add(value: Readonly<Record<string, unknown>>): void {
    const { collection, key, record } = lineSchema.parse(value);
    const name = `${collection}/${key}`;
    if (this.#seen.has(name)) throw new InputError('key stands twice.');
    this.#seen.add(name);
    if (collection === 'settings') {
      if (!secret.has(key)) this.#settings.set(key, record);
      return;
    }
    if (this.#take[collection](migrate(collection, record)) !== key) {
      throw new InputError('key is not that of the record.');
    }
  }

  counts(): { readonly records: number } {
    return { records: this.#seen.size };
  }

  file(): DeviceFile {
    const runs = this.#runs.flatMap((records) => (records.run ? [records.file(records.run)] : []));
    const asked = { suites: this.#suites, rubrics: this.#rubrics, beliefs: this.#beliefs };
    const own = { ...asked, models: this.#models, chats: this.#chats };
    const talks = this.#talks.flatMap((records) => records.file() ?? []);
    return { runs, talks, ...own, settings: this.#settings, strays: this.#strays };
  }

  /** Each checks a record, keeps it and gives its key. */
  readonly #take: Readonly<Record<Exclude<Collection, 'settings'>, (record: unknown) => string>> = {
    runs: (value) => {
      const records = new RunRecords();
      records.add({ ...asObject(value), type: 'run' });
      this.#runs.push(records);
      return records.run?.id ?? '';
    },
    talks: (value) => {
      const records = new TalkRecords();
      records.add({ ...asObject(value), type: 'talk' });
      this.#talks.push(records);
      return records.file()?.talk.id ?? '';
    },
    rollouts: (value) => {
      const rollout = rolloutSchema.parse(value);
      this.#share(
        'rollout',
        rollout,
        [...this.#runs, ...this.#talks].filter((of) => of.plans(rollout.key)),
      );
      return rollout.key;
    },
    verdicts: (value) => {
      const verdict = verdictSchema.parse(value);
      this.#share(
        'verdict',
        verdict,
        this.#runs.filter((run) => run.expects(verdict)),
      );
      return verdict.key;
    },
    beliefs: (value) => keep(this.#beliefs, beliefSchema.parse(value)).key,
    suites: (value) => keep(this.#suites, checkSuite(value)).id,
    rubrics: (value) => rubricKey(keep(this.#rubrics, checkRubric(value))),
    models: (value) => keep(this.#models, modelCardSchema.parse(value)).id,
    chats: (value) => keep(this.#chats, chatSchema.parse(value)).id,
  };

  /** Two runs, or a run and a talk, may hold the same answer. */
  #share(type: 'rollout' | 'verdict', record: object, holders: readonly (RunRecords | TalkRecords)[]): void {
    if (holders.length === 0) this.#strays += 1;
    for (const holder of holders) holder.add({ ...record, type });
  }
}

function asObject(value: unknown): object {
  if (typeof value === 'object' && value !== null) return value;
  throw new InputError('record must be an object.');
}

function keep<T>(list: T[], item: T): T {
  list.push(item);
  return item;
}
