import type { Conversation } from './conversation.svelte.ts';
import type { Asking } from './growingAnswer.svelte.ts';

/** Asks one question after the other; ends where an answer was stopped or could not be had. Never throws. */
export async function askInTurn(
  conversation: Conversation,
  questions: readonly string[],
  askingsOf: (index: number) => readonly Asking[],
): Promise<void> {
  for (const [index, question] of questions.entries()) {
    const before = new Set(conversation.chat.turns.map(({ id }) => id));
    const askings = askingsOf(index);
    await conversation.send(question, ...askings);
    const answers = conversation.chat.turns.filter(
      (turn) => turn.role === 'assistant' && !before.has(turn.id) && turn.finish !== 'stopped',
    );
    if (conversation.phase.state !== 'idle' || answers.length < askings.length) return;
  }
}
