import type { Belief } from './belief.ts';
import { type CellOptions, collectCells } from './collectCells.ts';
import type { CellEvent, CollectCounts, CollectOutcome } from './collectEvent.ts';
import { EngineError, sentenceOf } from './errors.ts';
import { groupByEngine } from './plan.ts';
import type { BeliefSpec } from './planBeliefs.ts';
import { timestamp } from './ports/clock.ts';
import type { Engine } from './ports/engine.ts';
import type { Run } from './run.ts';

export type BeliefEvent = CellEvent | { readonly type: 'belief'; readonly counts: CollectCounts };

export interface BeliefOptions extends CellOptions {
  readonly onEvent?: (event: BeliefEvent) => void;
}

/** Scores what is planned and not stored yet. Errors: as of {@link collectCells}. */
export function collectBeliefs(
  { id }: Pick<Run, 'id'>,
  specs: readonly BeliefSpec[],
  options: BeliefOptions,
): Promise<CollectOutcome> {
  const { clock, signal, onEvent = () => undefined } = options;
  return collectCells(
    {
      collection: 'beliefs',
      runId: id,
      groups: groupByEngine(specs, ({ place }) => ('pair' in place ? place.question : place.prompt)),
      ask: async (spec, engine, { kind, device, library }): Promise<Belief> => ({
        ...identityOf(spec),
        ...(await askEngine(spec, engine, signal)),
        createdAt: timestamp(clock),
        status: 'done',
        engine: { kind, device, library },
      }),
      fail: (spec, error) => ({
        ...identityOf(spec),
        createdAt: timestamp(clock),
        status: 'failed',
        error: sentenceOf(error),
      }),
      onEvent,
      onRecord: (_, counts) => onEvent({ type: 'belief', counts }),
    },
    options,
  );
}

function identityOf({ key, model, modelFingerprint, request, asked }: BeliefSpec) {
  return {
    ...{ key, model: model.id, modelFingerprint },
    messages: [...request.messages],
    begin: asked.begin,
    claim: [...asked.claim],
    denial: [...asked.denial],
  };
}

async function askEngine({ request }: BeliefSpec, engine: Engine, signal: AbortSignal | undefined) {
  const options = signal ? { signal } : {};
  if (engine.score) {
    const scores = await engine.score(request, options);
    return {
      scores: scores.map(({ logprob, tokenLogprobs }) => ({ logprob, tokens: tokenLogprobs.length })),
    };
  }
  const { messages, continuations } = request;
  const sampling = { temperature: 0, topP: 1, maxTokens: 1, stop: [] };
  const { logprobs } = await engine.generate(
    { messages, sampling, seed: 0, logprobs: { named: continuations } },
    options,
  );
  if (!logprobs)
    throw new EngineError(
      'This server told no log-probabilities. Serve the model with one that does, such as vLLM or llama.cpp.',
    );
  const scores = logprobs.named.map(([logprob = null]) => ({ logprob, tokens: 1 }));
  return { scores, bound: true as const };
}
