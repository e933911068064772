import { isOnDial } from '../../../core/dial.ts';
import type { ModelCard } from '../../../core/model.ts';
import type { Talk } from '../../../core/talk.ts';
import type { StageAnswer } from '../../state/stageAnswer.svelte.ts';
import { deviceName } from '../../state/describeLoad.ts';
import type { EngineStatus } from '../../state/enginesState.svelte.ts';

/** Who speaks. */
export function voiceName({ persona, name }: ModelCard): string {
  return persona ?? name;
}

/** The small print of a voice: its model, the position of its dial, and how it is asked. */
export function voiceFacts(card: ModelCard, { temperature }: Talk): readonly string[] {
  const isNamed = voiceName(card).includes(card.base);
  // A name says any other position itself.
  const isAtOne = isOnDial(card) && !card.id.includes('@');
  return [...(isNamed ? [] : [card.base]), ...(isAtOne ? ['dial 1'] : []), `temperature ${temperature}`];
}

/** The seed, where it matters, and where the answer comes from. */
export function answerFacts({ spec, source }: StageAnswer, status: EngineStatus): readonly string[] {
  const { sampling, seed } = spec.request;
  const where =
    status.state === 'ready' && spec.model.engine !== 'openai' ? `, ${deviceName(status.facts)}` : '';
  const origin = { live: [`live${where}`], recorded: ['recorded'] };
  return [...(sampling.temperature === 0 ? [] : [`seed ${seed}`]), ...(source ? origin[source] : [])];
}
