import { env } from '@huggingface/transformers';
import type { EngineFacts } from '../../core/ports/engine.ts';
import type { OpenedModel } from './openModel.ts';

/** What the port tells of an opened model. */
export function engineFacts(
  { device, format }: OpenedModel,
  { concurrency, notes }: Pick<EngineFacts, 'concurrency' | 'notes'>,
): EngineFacts {
  return {
    kind: 'transformers',
    device,
    library: `@huggingface/transformers ${env.version}`,
    concurrency,
    contextTokens: format.contextTokens,
    notes,
  };
}
