import { type ModelCard, engineKeyOf } from '../core/model.ts';
import type { Engine } from '../core/ports/engine.ts';
import { readApiKey } from './apiKey.ts';
import { modelsFolder } from './catalogue.ts';

export interface Engines {
  open(model: ModelCard, options: { readonly fresh: boolean }): Promise<Engine>;
  close(): Promise<void>;
}

/** Engines by card, one at a time: opening another model ends the one before. */
export function openEngines(apiKeyEnv: string | undefined): Engines {
  let current: { readonly key: string; readonly engine: Engine } | null = null;
  const close = async (): Promise<void> => {
    const ended = current;
    current = null;
    await ended?.engine.dispose();
  };
  return {
    close,
    async open(model, { fresh }) {
      const key = engineKeyOf(model);
      if (current?.key === key && !fresh) return current.engine;
      await close();
      current = { key, engine: await create(model, apiKeyEnv) };
      return current.engine;
    },
  };
}

async function create(model: ModelCard, apiKeyEnv: string | undefined): Promise<Engine> {
  if (model.engine === 'openai') {
    const { OpenAiEngine } = await import('../engines/openai/openAiEngine.ts');
    return new OpenAiEngine(model, { apiKey: readApiKey(apiKeyEnv) });
  }
  const { NodeEngine } = await import('../engines/transformers/nodeEngine.ts');
  return new NodeEngine(model, { modelsFolder });
}
