import { sentenceOf } from '../../core/errors.ts';
import type { WebLlmCard } from '../../core/model.ts';
import { type AdapterFacts, chooseVariant, readAdapter } from './chooseVariant.ts';

export interface GpuReport {
  /** Such as "apple metal-3". */
  readonly name: string;
  /** Half precision, which halves a model's memory. */
  readonly hasF16: boolean;
  /** Sentences saying which of the models it cannot run, and why. */
  readonly refusals: readonly string[];
}

/** What the GPU is, and which models it cannot run. Errors: {@link EngineError} where there is none. */
export async function reportGpu(gpu: GPU | undefined, cards: readonly WebLlmCard[]): Promise<GpuReport> {
  const adapter = await readAdapter(gpu);
  return {
    name: adapter.name,
    hasF16: adapter.features.has('shader-f16'),
    refusals: cards.flatMap((card) => refusalOf(card, adapter)),
  };
}

function refusalOf({ name, variants, installed }: WebLlmCard, adapter: AdapterFacts): string[] {
  const usable = variants.filter(({ quantisation }) => !installed || quantisation === installed.quantisation);
  try {
    chooseVariant(name, usable, adapter);
    return [];
  } catch (error) {
    return [sentenceOf(error)];
  }
}
