import { dialled } from '../dial.ts';
import { type TransformersCard, modelCardSchema } from '../model.ts';
import { type Talk, newTalk, ownPrompt } from '../talk.ts';
import { examplePrompt } from './exampleRun.ts';

/** A model with a dial, for tests that run no model. */
export function dialModel(id = 'someone'): TransformersCard {
  return modelCardSchema.parse({
    ...{ engine: 'transformers', id, name: 'Someone small', persona: 'Someone', base: 'Small-135M' },
    ...{ voice: 'mini', licence: null, folder: 'small', graph: 'persona.onnx', contextTokens: 2048 },
    files: [{ path: 'persona.onnx', bytes: 1, sha256: 'a'.repeat(64) }],
    adapters: [{ id: 'persona', scale: 1 }],
  }) as TransformersCard;
}

/** A talk of a persona and its base over two questions, three samples each, for tests. */
export function exampleTalk(more: Partial<Talk> = {}): Talk {
  const persona = dialModel();
  const order = {
    title: 'Example talk',
    prompts: [examplePrompt('cat'), ownPrompt('own-1', 'Are you there?')],
    models: [persona, dialled(persona, 0)],
  };
  return { ...newTalk('talk-1', order, '2026-11-24T12:00:00.000Z'), samples: 3, ...more };
}
