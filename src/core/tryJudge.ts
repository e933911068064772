import { parseVerdict } from './parseVerdict.ts';
import type { Judge } from './ports/judge.ts';
import type { Rubric } from './rubric.ts';
import type { PlannedPrompt } from './run.ts';

/** Whether a judge can be used, in one sentence or two. */
export interface JudgeTrial {
  readonly isFine: boolean;
  readonly sentence: string;
}

/** As short as a rubric can be: the request is paid for. */
const rubric: Rubric = {
  id: 'trial',
  version: 1,
  title: 'Trial',
  fits: ['custom'],
  instructions: 'You score one answer to one question.',
  signals: [{ id: 'greets', label: 'Greeting', type: 'flag', question: 'Is the answer a greeting?' }],
};

const prompt: PlannedPrompt = {
  suite: 'trial',
  suiteVersion: 1,
  suiteKind: 'custom',
  category: 'trial',
  promptId: 'trial',
  text: 'Hello.',
};

/**
 * Asks for one tiny verdict, in the way in which all are asked for. The notes of the reply tell what the server
 * refused, as a JSON schema. Errors: {@link JudgeError}, which names what is wrong with key, address or model.
 */
export async function tryJudge(
  judge: Judge,
  options: { readonly signal?: AbortSignal } = {},
): Promise<JudgeTrial> {
  const { raw, notes } = await judge.score({ rubric, prompt, answer: 'Hello to you!' }, options);
  const parsed = parseVerdict({ rubric, prompt, reply: raw });
  if (!parsed.ok) {
    const what = 'The judge answers, so address and key are right, but not with a verdict that can be read.';
    return { isFine: false, sentence: [what, parsed.error, ...notes, 'Choose another model.'].join(' ') };
  }
  const how = notes.length === 0 ? ['Structured output by JSON schema was accepted.'] : notes;
  return { isFine: true, sentence: ['The judge works: its verdict could be read.', ...how].join(' ') };
}
