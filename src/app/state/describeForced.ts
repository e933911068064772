import type { ModelCard } from '../../core/model.ts';

/** What forced answers of these models will lack, and why: a sentence or two for each kind of engine that lacks any. */
export function describeForced(models: readonly ModelCard[]): string[] {
  const named = (engine: ModelCard['engine']): string =>
    models.flatMap((model) => (model.engine === engine ? [model.name] : [])).join(', ');
  const [served, large] = [named('openai'), named('webllm')];
  return [
    ...(served === ''
      ? []
      : [
          `${served}: a server tells the probabilities of its likeliest first tokens only, and begins no answer for us. So it is asked yes or no alone, and its numbers are bounds. A server that tells no probabilities cannot be asked at all.`,
        ]),
    ...(large === ''
      ? []
      : [
          `${large}: it can be scored only where this device lets it answer in batches. Where it does not, that is said here, and the other models go on.`,
        ]),
  ];
}
