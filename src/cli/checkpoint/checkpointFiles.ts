import { InputError } from '../../core/errors.ts';

const indexName = 'model.safetensors.index.json';
const onlyName = 'model.safetensors';
const pickles = /\.(bin|pt|pth|pkl|ckpt)$/;
/** mistralai's own format: other names, and rows of q and k in another order. */
const otherFormat = /^consolidated.*\.safetensors$/;

/** In the order in which a model's chat configuration lists them. */
export const tokenizerFiles = [
  'tokenizer.model',
  'tokenizer.json',
  'vocab.json',
  'merges.txt',
  'added_tokens.json',
  'tokenizer_config.json',
] as const;

/** Small files that say how a model is built and talks. */
const baseFacts = [
  'config.json',
  'generation_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  ...tokenizerFiles,
];

export interface BaseFiles {
  /** Names the file of each tensor, where there are several. */
  readonly index: string | null;
  /** The one file, where there is no index. */
  readonly weights: string | null;
  readonly facts: readonly string[];
  readonly notes: readonly string[];
}

/** Which of a base's files a conversion reads. `place` is the folder or id, for the sentence. */
export function chooseBaseFiles(names: readonly string[], place: string): BaseFiles {
  const present = new Set(names);
  const others = names.filter((name) => otherFormat.test(name));
  const index = present.has(indexName) ? indexName : null;
  const weights = !index && present.has(onlyName) ? onlyName : null;
  if (!index && !weights) throw new InputError(whyNoWeights(names, others, place));
  return {
    ...{ index, weights },
    facts: baseFacts.filter((name) => present.has(name)),
    notes: others.map((name) => `${name} is left out: it holds the same weights under other names.`),
  };
}

function whyNoWeights(names: readonly string[], others: readonly string[], place: string): string {
  const pickle = names.find((name) => pickles.test(name));
  if (pickle) {
    return `${place} has its weights as pickles (${pickle}), which can run programs when they are read. Get the model as safetensors.`;
  }
  const [other] = others;
  if (other) {
    return `${place} has only ${other}, which is not in Hugging Face's layout. Get the model with model.safetensors.`;
  }
  return `${place} holds no ${onlyName} and no ${indexName}. Give the folder of a model.`;
}

export interface AdapterFiles {
  readonly config: string;
  readonly weights: string;
}

/** As {@link chooseBaseFiles}, of a PEFT adapter. */
export function chooseAdapterFiles(names: readonly string[], place: string): AdapterFiles {
  const [config, weights] = ['adapter_config.json', 'adapter_model.safetensors'];
  if (!names.includes(config))
    throw new InputError(`${place} holds no ${config}. Give the folder of a PEFT adapter.`);
  if (names.includes(weights)) return { config, weights };
  const pickle = names.find((name) => pickles.test(name));
  throw new InputError(
    pickle
      ? `${place} has its weights as a pickle (${pickle}), which can run programs when it is read. Save the adapter as safetensors.`
      : `${place} holds no ${weights}. Save the adapter with PEFT's save_pretrained.`,
  );
}
