import type { EngineMakers } from './engineRegistry.ts';

export interface BrowserOptions {
  /** Address of the folder that holds the models' folders, relative to the page. */
  readonly modelsUrl: string;
  /** The key of a served model; undefined where it needs none. */
  readonly apiKeyOf: (baseUrl: string) => string | undefined;
}

/** The browser's engines, each fetched when it is first needed. */
export function browserEngines({ modelsUrl, apiKeyOf }: BrowserOptions): EngineMakers {
  return {
    async transformers(card) {
      const { TransformersEngine } = await import('./transformers/client.ts');
      return new TransformersEngine(card, { modelsUrl });
    },
    async webllm(card) {
      const { WebLlmEngine } = await import('./webllm/client.ts');
      return new WebLlmEngine(card);
    },
    async openai(card) {
      const { OpenAiEngine } = await import('./openai/openAiEngine.ts');
      return new OpenAiEngine(card, { apiKey: apiKeyOf(card.baseUrl) });
    },
  };
}
