import { type AssistantTurn, type Chat, type Pane, type Turn, branchOf } from './chat.ts';
import type { Message } from './ports/engine.ts';

/** A pane's newest answer to a question; undefined where it was not asked, or nothing came. */
export function answerIn(chat: Chat, questionId: string, paneId: string): AssistantTurn | undefined {
  return chat.turns.findLast(
    (turn): turn is AssistantTurn =>
      turn.role === 'assistant' && turn.parent === questionId && turn.pane === paneId,
  );
}

/**
 * A branch as one pane sees it: in place of each answer its own. The branch names one pane's answers, and the others'
 * are their siblings. Answers of no pane, from before there were any, are every pane's.
 */
export function paneBranch(chat: Chat, paneId: string, leaf: string | null = chat.leaf): Turn[] {
  return branchOf(chat, leaf).flatMap((turn) => {
    if (turn.role === 'user' || turn.pane === undefined || turn.pane === paneId) return [turn];
    return (turn.parent === null ? undefined : answerIn(chat, turn.parent, paneId)) ?? [];
  });
}

/**
 * What a model is sent when a question is asked: the system prompt, the turns before, and the question. In a pane
 * they are the pane's own, and a question that it did not answer is left out with the answer: models expect the two
 * in turn.
 */
export function messagesUpTo(chat: Chat, questionId: string, paneId?: string): Message[] {
  const branch = paneId === undefined ? branchOf(chat, questionId) : paneBranch(chat, paneId, questionId);
  const heard = branch.filter(
    (turn, index) => paneId === undefined || turn.id === questionId || isAnswered(turn, branch[index + 1]),
  );
  const turns = heard.map(({ role, content }): Message => ({ role, content }));
  return chat.system === '' ? turns : [{ role: 'system', content: chat.system }, ...turns];
}

function isAnswered(turn: Turn, next: Turn | undefined): boolean {
  const answer = turn.role === 'assistant' ? turn : next;
  return answer?.role === 'assistant' && hasWords(answer);
}

/** Whether an answer can stand in a history. */
export function hasWords({ finish, content }: AssistantTurn): boolean {
  return finish === 'stop' || finish === 'length' || content !== '';
}

/** A question of a comparison, and what came of it. */
export interface PaneRow {
  readonly question: Turn;
  /** From before there were panes: one answer, which all of them go on from. */
  readonly shared: AssistantTurn | null;
  /** One for each pane, in the order of the panes. */
  readonly answers: readonly (AssistantTurn | undefined)[];
}

/** A comparison's branch in view, as rows. */
export function paneRows(chat: Chat): readonly PaneRow[] {
  const branch = branchOf(chat);
  return branch.flatMap((question, index): PaneRow[] => {
    if (question.role !== 'user') return [];
    const next = branch[index + 1];
    const shared = next?.role === 'assistant' && next.pane === undefined ? next : null;
    const answers = (chat.panes ?? []).map(({ id }) => answerIn(chat, question.id, id));
    return [{ question, shared, answers }];
  });
}

/** Whether answers stand side by side, each with a history of its own. */
export function isComparison({ panes = [] }: { readonly panes?: readonly Pane[] | undefined }): boolean {
  return panes.length > 1;
}
