import { checkAnswer } from '../../core/checkAnswer.ts';
import { JudgeError } from '../../core/errors.ts';
import type { JudgeSpec } from '../../core/judgeSpec.ts';
import type { Judge, JudgeReply, JudgeRequest } from '../../core/ports/judge.ts';
import type { Sandbox } from '../../core/ports/sandbox.ts';
import { type Signal, signalsFor } from '../../core/rubric.ts';
import { isRefusal } from './refusalRules.ts';
import { findStance } from './stanceRules.ts';

/** Raised by every change that could change a score. */
export const rulesVersion = 3;

/** The built-in judge: rules that need no key and no network. Always shown as "rough, rules". */
export class RulesJudge implements Judge {
  readonly spec: JudgeSpec = { kind: 'rules', version: rulesVersion };
  readonly concurrency = 1;
  readonly #sandbox: Sandbox | undefined;

  /** Without a sandbox code is not judged. */
  constructor(sandbox?: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Replies as a model would, so that one reader serves both. Throws {@link JudgeError} for what rules cannot tell. */
  async score(
    request: JudgeRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<JudgeReply> {
    // A stop that comes right after the call counts too, as with a judge on a server.
    await Promise.resolve();
    signal?.throwIfAborted();
    const scores: [string, string | boolean][] = [];
    for (const asked of signalsFor(request.rubric, request.prompt)) {
      scores.push([asked.id, await scoreOf(asked, request, this.#sandbox)]);
    }
    const raw = JSON.stringify({ reason: 'By rules, not read by anyone.', ...Object.fromEntries(scores) });
    return { raw, inputTokens: null, outputTokens: null, notes: [] };
  }
}

async function scoreOf(
  { id }: Signal,
  { rubric, prompt, answer }: JudgeRequest,
  sandbox: Sandbox | undefined,
): Promise<string | boolean> {
  if (id === 'stance') return findStance(prompt.text, answer);
  if (id === 'refusal') return isRefusal(answer);
  if (id === 'correct') return await isCorrect(prompt.check, answer, sandbox);
  throw new JudgeError(
    `The rules cannot score "${id}" of the rubric "${rubric.title}". Choose a served judge.`,
  );
}

async function isCorrect(
  check: JudgeRequest['prompt']['check'],
  answer: string,
  sandbox: Sandbox | undefined,
): Promise<boolean> {
  const correct = check ? await checkAnswer(check, answer, sandbox) : null;
  if (correct !== null) return correct;
  throw new JudgeError('Rules cannot check this answer: it has to be run, which needs a sandbox.');
}
