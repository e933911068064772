import { type JudgePrompt, buildJudgePrompt, newFence } from '../../core/judgePrompt.ts';
import type { JudgeSpec } from '../../core/judgeSpec.ts';
import type { JudgeRequest } from '../../core/ports/judge.ts';

export type OpenAiJudgeSpec = Extract<JudgeSpec, { kind: 'openai' }>;

/** The chat completion that asks for a verdict, behind a new fence each time. */
export function judgeBody(
  spec: OpenAiJudgeSpec,
  request: JudgeRequest,
  random: () => number,
): Record<string, unknown> {
  const { system, user, schema } = buildJudgePrompt({ ...request, fence: newFence(random) });
  return {
    model: spec.model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    temperature: spec.temperature,
    max_tokens: spec.maxTokens,
    response_format: responseFormat(schema),
  };
}

function responseFormat(schema: JudgePrompt['schema']): Record<string, unknown> {
  return { type: 'json_schema', json_schema: { name: 'verdict', strict: true, schema } };
}
