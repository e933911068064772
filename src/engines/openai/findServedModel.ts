import { z } from 'zod';
import { webPage } from '../../protocols/openai/explainFailure.ts';
import type { ModelServer } from '../../protocols/openai/modelServer.ts';
import { ServerFailure } from '../../protocols/openai/serverFailure.ts';

const listed = z.object({
  id: z.string(),
  owned_by: z.string().nullish().catch(null),
  /** vLLM's word for the context. */
  max_model_len: z.number().nullish().catch(null),
  /** OpenRouter's. */
  context_length: z.number().nullish().catch(null),
});
const list = z.object({ data: z.array(listed) });
type Listed = z.infer<typeof listed>;

/** What a server tells about a model before the first answer. */
export interface ServedModel {
  readonly contextTokens: number | null;
  readonly notes: readonly string[];
}

/** Names that are quoted when the wanted one is not among them. */
const quotedNames = 8;

/**
 * Looks a model up in the server's list. Throws {@link ServerFailure} when the server lists others only; a server
 * that keeps no list is taken at its word.
 */
export async function findServedModel(server: ModelServer, signal?: AbortSignal): Promise<ServedModel> {
  const { address, model } = server.context;
  const reply = await readList(server, signal);
  if (typeof reply === 'string') throw webPage(server.context);
  const models = list.safeParse(reply).data?.data ?? [];
  if (models.length === 0) {
    const note = `The server at ${address} lists no models, so the name "${model}" could not be checked.`;
    return { contextTokens: null, notes: [note] };
  }
  const found = models.find(({ id }) => isName(model, id)) ?? onlyModel(models);
  if (!found) throw notServed(server, models);
  const contextTokens = found.max_model_len ?? found.context_length ?? null;
  if (isName(model, found.id)) return { contextTokens, notes: [] };
  const note = `llama.cpp answers with the model it was started with, "${found.id}", whatever name is asked for.`;
  return { contextTokens, notes: [note] };
}

function notServed({ context: { address, model } }: ModelServer, models: readonly Listed[]): ServerFailure {
  const names = models.slice(0, quotedNames).map(({ id }) => id);
  const more = models.length > quotedNames ? ` and ${models.length - quotedNames} more` : '';
  const sentence = `The server at ${address} does not serve "${model}". It serves ${names.join(', ')}${more}.`;
  return new ServerFailure('model', sentence);
}

async function readList(server: ModelServer, signal?: AbortSignal): Promise<unknown> {
  try {
    return await server.listModels(signal);
  } catch (error) {
    if (error instanceof ServerFailure && error.kind === 'address') return null;
    throw error;
  }
}

/** Ollama adds a tag to names, Gemini a folder. */
function isName(wanted: string, id: string): boolean {
  return id === wanted || id === `${wanted}:latest` || id === `models/${wanted}`;
}

/** llama.cpp serves one model under any name. */
function onlyModel(models: readonly Listed[]): Listed | undefined {
  return models.length === 1 && models[0]?.owned_by === 'llamacpp' ? models[0] : undefined;
}
