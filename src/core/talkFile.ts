import { InputError } from './errors.ts';
import { migrate } from './migrate.ts';
import type { Rollout } from './rollout.ts';
import { RunRecords } from './runRecords.ts';
import { type FileOrigin, LineSealer, type SealedForm, readSealedLines } from './sealedLines.ts';
import { type Talk, stageRunOf, talkSchema } from './talk.ts';

const form: SealedForm = {
  format: 'otherself-talk',
  version: 1,
  name: 'talk file',
  source: 'Export a talk on the page Stage.',
  describe: ({ recordings = 0 }) => `${recordings} recordings`,
};

export interface TalkFile {
  readonly talk: Talk;
  /** Its recordings: what is stored of all that can be asked on its stage. */
  readonly rollouts: readonly Rollout[];
}

/** A talk as JSON lines, each with its line end: a header, the talk, its recordings, and an end line as a run file's. */
export function* writeTalkFile({ talk, rollouts }: TalkFile, origin: FileOrigin): Generator<string> {
  const sealer = new LineSealer();
  yield sealer.header(form, origin);
  yield sealer.line({ type: 'talk', ...talk });
  for (const rollout of rollouts) yield sealer.line({ type: 'rollout', ...rollout });
  yield sealer.end({ recordings: rollouts.length });
}

/** Reads a talk file: all of it or nothing. Throws {@link InputError} naming the line and field. */
export function parseTalkFile(
  source: string | Iterable<string>,
  { fileName }: { readonly fileName: string },
): TalkFile {
  const records = new TalkRecords();
  readSealedLines(form, source, { fileName, sink: records });
  const file = records.file();
  if (!file) throw new InputError(`${fileName} holds no talk. Nothing was imported; export the talk again.`);
  return file;
}

/** A talk and its recordings from an untrusted source. Every key is derived anew, as a run's. */
export class TalkRecords {
  readonly #records = new RunRecords();
  #talk: Talk | null = null;

  /** Errors: {@link InputError}, or zod's. */
  add({ type, ...record }: Readonly<Record<string, unknown>>): void {
    if (type === 'rollout' && this.#talk) this.#records.add({ type, ...record });
    else if (type === 'talk' && !this.#talk) this.#addTalk(record);
    else throw new InputError('a talk file holds one talk, and then its recordings.');
  }

  counts() {
    return { recordings: this.#records.rollouts.size };
  }

  /** Whether a rollout is one of this talk. */
  plans(key: string): boolean {
    return this.#records.plans(key);
  }

  /** Null where no talk was added. */
  file(): TalkFile | null {
    return this.#talk && { talk: this.#talk, rollouts: [...this.#records.rollouts.values()] };
  }

  #addTalk(record: unknown): void {
    const talk = talkSchema.parse(migrate('talks', record));
    this.#records.add({ type: 'run', ...stageRunOf(talk) });
    this.#talk = talk;
  }
}
