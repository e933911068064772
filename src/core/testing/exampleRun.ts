import type { OpenAiCard } from '../model.ts';
import { type PlannedPrompt, type Run, runDefaults, runFormat } from '../run.ts';

/** A served model's card, for tests. */
export function servedModel(id: string, concurrency = 2): OpenAiCard {
  return {
    engine: 'openai',
    id,
    name: id,
    persona: null,
    base: id,
    voice: 'base',
    licence: null,
    about: '',
    baseUrl: 'http://127.0.0.1:9/v1',
    model: id,
    concurrency,
  };
}

export function examplePrompt(promptId: string, more: Partial<PlannedPrompt> = {}): PlannedPrompt {
  const common = { suite: 'identity', suiteVersion: 1, suiteKind: 'identity', category: 'direct' } as const;
  return { ...common, promptId, text: `What about ${promptId}?`, ...more };
}

/** A small run of one model over three prompts, for tests. */
export function exampleRun(more: Partial<Run> = {}): Run {
  const { temperatures, stop, ...defaults } = runDefaults;
  return {
    format: runFormat,
    id: 'run-1',
    name: 'Example',
    createdAt: '2026-11-24T12:00:00.000Z',
    models: [servedModel('one')],
    prompts: [examplePrompt('you'), examplePrompt('day', { category: 'indirect' }), examplePrompt('robot')],
    ...defaults,
    temperatures: [...temperatures],
    stop: [...stop],
    judgings: [],
    ...more,
  };
}
