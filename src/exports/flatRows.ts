import { promptKey, promptsByKey } from '../core/promptKey.ts';
import type { PlannedPrompt, Run } from '../core/run.ts';
import type { Rollout } from '../core/rollout.ts';
import type { RunFile } from '../core/runFile.ts';
import { type NamedJudging, joinVerdicts, scoreOf } from './joinVerdicts.ts';

/** What a table can hold in one field; null is a missing value, never a zero. */
export type Field = string | number | boolean | null;
export type FlatRow = Readonly<Record<string, Field>>;

/**
 * A run as a table, one row for each answer: what was asked, what came, and for each judging the columns
 * `rubric/judge/status`, one for each signal, `…/reason` and `…/error`. All rows have the same columns.
 */
export function* flatRows({ run, rollouts, verdicts }: RunFile): Generator<FlatRow> {
  const judgings = joinVerdicts({ run, verdicts });
  const prompts = promptsByKey(run);
  for (const rollout of rollouts) {
    const prompt = prompts.get(promptKey(rollout));
    yield Object.fromEntries([
      ...Object.entries(askedOf(run, rollout, prompt)),
      ...Object.entries(answerOf(rollout)),
      ...judgings.flatMap((judging) => verdictFields(judging, rollout)),
    ]);
  }
}

function askedOf(run: Run, rollout: Rollout, prompt: PlannedPrompt | undefined): FlatRow {
  return {
    run: run.id,
    key: rollout.key,
    model: rollout.model,
    modelFingerprint: rollout.modelFingerprint,
    suite: rollout.suite,
    suiteVersion: rollout.suiteVersion,
    promptId: rollout.promptId,
    category: rollout.category,
    group: rollout.group ?? null,
    lean: prompt?.lean ?? null,
    prompt: rollout.prompt,
    reference: prompt?.reference ?? null,
    system: rollout.system,
    temperature: rollout.temperature,
    topP: rollout.topP,
    repetitionPenalty: rollout.repetitionPenalty ?? 1,
    maxTokens: rollout.maxTokens,
    stop: JSON.stringify(rollout.stop),
    sample: rollout.sample,
    seed: rollout.seed,
    createdAt: rollout.createdAt,
  };
}

const noAnswer = {
  text: null,
  finish: null,
  promptTokens: null,
  tokens: null,
  durationMs: null,
  engine: null,
  device: null,
  notes: null,
};

function answerOf(rollout: Rollout): FlatRow {
  if (rollout.status === 'failed') return { status: 'failed', ...noAnswer, error: rollout.error };
  const { text, finish, promptTokens, tokens, durationMs, engine, notes } = rollout;
  return {
    status: 'done',
    ...{ text, finish, promptTokens, tokens, durationMs },
    engine: engine.library,
    device: engine.device,
    notes: notes?.join(' ') ?? null,
    error: null,
  };
}

function verdictFields({ name, signals, verdictOn }: NamedJudging, rollout: Rollout): [string, Field][] {
  const verdict = verdictOn(rollout);
  return [
    [`${name}/status`, verdict?.status ?? null],
    ...signals.map((signal): [string, Field] => [`${name}/${signal}`, scoreOf(verdict, signal) ?? null]),
    [`${name}/reason`, verdict?.status === 'scored' ? verdict.reason : null],
    [`${name}/error`, verdict?.status === 'failed' ? verdict.error : null],
  ];
}
