import { type Belief, beliefKey, beliefSchema } from './belief.ts';
import { adaptersOf } from './dial.ts';
import { InputError } from './errors.ts';
import { canonicalJson, hashOf } from './ids.ts';
import { migrate } from './migrate.ts';
import { type ModelCard, fingerprintOf } from './model.ts';
import { type RolloutSpec, countRollouts, planRollouts } from './plan.ts';
import { type Rollout, messagesOf, rolloutSchema } from './rollout.ts';
import { type Run, runSchema } from './run.ts';
import { type Verdict, judgingOfVerdict, verdictKeysOf, verdictSchema } from './verdict.ts';

/** Of a kind: at about 2 KB each, more would not fit into a browser tab's memory. */
const maxRecords = 500_000;

/**
 * The records of one run from an untrusted source, the run first and verdicts after their rollouts. Every key is derived
 * anew from the run, so that no record can claim to be another's. Errors: {@link InputError}, or zod's.
 */
export class RunRecords {
  readonly rollouts = new Map<string, Rollout>();
  readonly verdicts = new Map<string, Verdict>();
  readonly beliefs = new Map<string, Belief>();
  #run: Run | null = null;
  #specs = new Map<string, RolloutSpec>();
  /** What makes a verdict's key, by the judging's hash. */
  #judgings = new Map<string, (rolloutKey: string) => string>();
  /** By fingerprint. */
  #models = new Map<string, ModelCard>();

  get run(): Run | null {
    return this.#run;
  }

  /** Whether a rollout is one of this run. */
  plans(key: string): boolean {
    return this.#specs.has(key);
  }

  /** Whether a verdict is on one of the rollouts that were added, and by a judging of this run. */
  expects(verdict: Verdict): boolean {
    return this.rollouts.has(verdict.rolloutKey) && this.#judgings.has(hashOf(judgingOfVerdict(verdict)));
  }

  add({ type, ...record }: Readonly<Record<string, unknown>>): void {
    if (this.#run === null) {
      if (type !== 'run') throw new InputError('the run itself must come first.');
      this.#addRun(record);
    } else if (type === 'rollout') this.#addRollout(record);
    else if (type === 'verdict') this.#addVerdict(record);
    else if (type === 'belief') this.#addBelief(record, this.#run);
    else throw new InputError('type must be rollout, verdict, belief or end.');
  }

  /** All of them, with the run that was added. */
  file(run: Run) {
    const { rollouts, verdicts, beliefs } = this;
    return {
      run,
      rollouts: [...rollouts.values()],
      verdicts: [...verdicts.values()],
      beliefs: [...beliefs.values()],
    };
  }

  #addRun(record: unknown): void {
    const run = runSchema.parse(migrate('runs', record));
    const size = countRollouts(run);
    if (size > maxRecords) {
      throw new InputError(`the run plans ${size} answers; ${maxRecords} at most fit into memory.`);
    }
    this.#run = run;
    this.#specs = new Map(planRollouts(run).map((spec) => [spec.key, spec]));
    this.#judgings = new Map(run.judgings.map((own) => [hashOf(own), verdictKeysOf(own)]));
    this.#models = new Map(run.models.map((model) => [fingerprintOf(model), model]));
  }

  #addRollout(record: unknown): void {
    const rollout = rolloutSchema.parse(migrate('rollouts', record));
    const spec = this.#specs.get(rollout.key);
    if (!spec) throw new InputError('key belongs to no answer of this run.');
    const field = fieldThatDiffers(rollout, spec);
    if (field !== undefined) throw new InputError(`${field} does not match the key: the record was altered.`);
    addOnce(this.rollouts, rollout, 'answers');
  }

  #addVerdict(record: unknown): void {
    const verdict = verdictSchema.parse(migrate('verdicts', record));
    const { key, rolloutKey } = verdict;
    if (!this.rollouts.has(rolloutKey)) throw new InputError('rolloutKey belongs to no answer above.');
    const keyOf = this.#judgings.get(hashOf(judgingOfVerdict(verdict)));
    if (!keyOf) throw new InputError('judge and rubric are none of this run.');
    if (key !== keyOf(rolloutKey)) {
      throw new InputError('key does not match the record, which was altered.');
    }
    addOnce(this.verdicts, verdict, 'verdicts');
  }

  #addBelief(record: unknown, run: Run): void {
    const belief = beliefSchema.parse(migrate('beliefs', record));
    const { modelFingerprint, messages, begin, claim, denial } = belief;
    const model = this.#models.get(modelFingerprint);
    if (!model) throw new InputError('modelFingerprint is that of no model of this run.');
    const request = { messages, begin, continuations: [...claim, ...denial], ...adaptersOf(model) };
    if (belief.key !== beliefKey(modelFingerprint, request))
      throw new InputError('key does not match the record, which was altered.');
    const question = messages.at(-1)?.content ?? '';
    if (canonicalJson(messages) !== canonicalJson(messagesOf(run.system, question)))
      throw new InputError('messages are not as this run asks its questions.');
    addOnce(this.beliefs, belief, 'forced answers');
  }
}

function addOnce<T extends { readonly key: string }>(known: Map<string, T>, record: T, what: string): void {
  if (known.has(record.key)) throw new InputError('key stands twice.');
  if (known.size >= maxRecords)
    throw new InputError(`there are more than ${maxRecords} ${what}, which do not fit into memory.`);
  known.set(record.key, record);
}

/** The first field that the key covers and that is not as the run plans it. */
function fieldThatDiffers(
  rollout: Rollout,
  { prompt, system, sample, modelFingerprint, request }: RolloutSpec,
) {
  const planned = {
    modelFingerprint,
    suite: prompt.suite,
    promptId: prompt.promptId,
    prompt: prompt.text,
    system,
    // A record with a penalty where none is planned was altered, too.
    repetitionPenalty: undefined,
    ...request.sampling,
    sample,
    seed: request.seed,
  };
  const fields = Object.keys(planned) as (keyof typeof planned)[];
  return fields.find((field) => canonicalJson(rollout[field]) !== canonicalJson(planned[field]));
}
