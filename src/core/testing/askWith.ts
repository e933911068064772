import type { GenerationRequest, Sampling } from '../ports/engine.ts';

/** Makes requests of one question, with what a test mostly asks for. */
export function askWith(sampling: Omit<Sampling, 'stop'>, system?: string) {
  return (content: string, change: Partial<Sampling> = {}, seed = 1): GenerationRequest => ({
    messages: [
      ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user', content },
    ],
    sampling: { stop: [], ...sampling, ...change },
    seed,
  });
}
