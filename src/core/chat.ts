import { z } from 'zod';

const titleChars = 60;

const common = { id: z.string().min(1), parent: z.string().nullable(), createdAt: z.iso.datetime() };

const userTurn = z.strictObject({ ...common, role: z.literal('user'), content: z.string() });

const assistantTurn = z.strictObject({
  ...common,
  role: z.literal('assistant'),
  content: z.string(),
  /** The pane of a comparison that it stands in; absent where all panes share it. */
  pane: z.string().optional(),
  model: z.string(),
  modelFingerprint: z.string(),
  temperature: z.number(),
  topP: z.number(),
  maxTokens: z.int(),
  seed: z.int().nonnegative(),
  /** `stopped`: by the user. `failed`: content is what had come until then. */
  finish: z.enum(['stop', 'length', 'stopped', 'failed']),
  error: z.string().optional(),
  promptTokens: z.int().nonnegative().optional(),
  tokens: z.int().nonnegative(),
  durationMs: z.number().nonnegative(),
  device: z.string().optional(),
  /** When the stored answer was made that this one is; absent where a model was asked. */
  recordedAt: z.iso.datetime().optional(),
  tokenTimesMs: z.array(z.number()).optional(),
  tokenEnds: z.array(z.int().nonnegative()).optional(),
  /** What the engine said of itself and of this answer, as that it fell back to another device. */
  notes: z.array(z.string()).optional(),
});

export const turnSchema = z.discriminatedUnion('role', [userTurn, assistantTurn]);
export type Turn = z.infer<typeof turnSchema>;
export type AssistantTurn = z.infer<typeof assistantTurn>;

/** As many as can be read side by side. */
export const mostPanes = 4;

const paneSchema = z.strictObject({
  id: z.string().min(1),
  /** A card's id, with the position of its dial; see dial.ts. */
  model: z.string().min(1),
  temperature: z.number().min(0).max(5),
  /** It gives stored answers again; absent where the model is asked. */
  isRecorded: z.literal(true).optional(),
});
/** One voice of a comparison: who is asked next, and how. Its history is the answers that bear its id. */
export type Pane = z.infer<typeof paneSchema>;

/** A conversation as a tree: each turn names its parent, and `leaf` is the end of the branch in view. */
export const chatSchema = z.strictObject({
  format: z.literal(1),
  id: z.string().min(1),
  title: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  system: z.string(),
  turns: z.array(turnSchema),
  leaf: z.string().nullable(),
  /** The questions whose answers are shown side by side, by id. */
  sideBySide: z.array(z.string()).optional(),
  /** Two or more make a comparison; one is what is left of a comparison. */
  panes: z.array(paneSchema).min(1).max(mostPanes).optional(),
});
export type Chat = z.infer<typeof chatSchema>;

/** The turns from the first to `leaf`. A broken parent link ends the walk. */
export function branchOf(chat: Chat, leaf: string | null = chat.leaf): Turn[] {
  const byId = new Map(chat.turns.map((turn) => [turn.id, turn]));
  const branch: Turn[] = [];
  const seen = new Set<string>();
  for (let id = leaf; id !== null && !seen.has(id);) {
    seen.add(id);
    const turn = byId.get(id);
    if (!turn) break;
    branch.unshift(turn);
    id = turn.parent;
  }
  return branch;
}

/**
 * The turns that share a turn's parent and pane, itself included, oldest first: the versions between which one pages.
 */
export function siblingsOf<Side extends Turn>(chat: Chat, turn: Side): Side[] {
  return chat.turns.filter(
    (other): other is Side =>
      other.parent === turn.parent && other.role === turn.role && paneOf(other) === paneOf(turn),
  );
}

function paneOf(turn: Turn): string | undefined {
  return turn.role === 'assistant' ? turn.pane : undefined;
}

/** Adds a turn and makes it the end of the branch in view. */
export function appendTurn(chat: Chat, turn: Turn): Chat {
  return { ...chat, turns: [...chat.turns, turn], leaf: turn.id, updatedAt: turn.createdAt };
}

/** Puts answers in place of their earlier states or at the end, and the first that has not failed in view. */
export function putAnswers(chat: Chat, answers: readonly AssistantTurn[]): Chat {
  const newer = new Map(answers.map((turn) => [turn.id, turn]));
  const known = chat.turns.map((turn) => newer.get(turn.id) ?? turn);
  const ids = new Set(chat.turns.map(({ id }) => id));
  const shown = answers.find(({ finish, content }) => finish !== 'failed' || content !== '') ?? answers[0];
  return {
    ...chat,
    turns: [...known, ...answers.filter(({ id }) => !ids.has(id))],
    leaf: shown?.id ?? chat.leaf,
  };
}

/** Shows all answers to a question side by side, or one at a time. */
export function setSideBySide(chat: Chat, questionId: string, isOn: boolean): Chat {
  const others = (chat.sideBySide ?? []).filter((id) => id !== questionId);
  return { ...chat, sideBySide: isOn ? [...others, questionId] : others };
}

/** Shows the branch through `turnId`, down to its newest descendant. */
export function showBranch(chat: Chat, turnId: string): Chat {
  let leaf = turnId;
  for (let next = newestChild(chat, leaf); next; next = newestChild(chat, leaf)) leaf = next.id;
  return { ...chat, leaf };
}

function newestChild(chat: Chat, id: string): Turn | undefined {
  return chat.turns.findLast(({ parent }) => parent === id);
}

/** A chat's title, from its first question; it stands in a narrow column. */
export function titleOf(question: string): string {
  const line = question.trim().replace(/\s+/g, ' ');
  return line.length <= titleChars ? line : `${line.slice(0, titleChars - 1).trimEnd()}…`;
}

/** Two states of one chat as one that has the turns of both; where they differ the newer counts. */
export function mergeChats(a: Chat, b: Chat): Chat {
  const [older, newer] = a.updatedAt <= b.updatedAt ? [a, b] : [b, a];
  const known = new Set(newer.turns.map(({ id }) => id));
  const lost = older.turns.filter(({ id }) => !known.has(id));
  if (lost.length === 0) return newer;
  // Versions of a turn stand oldest first.
  const turns = [...newer.turns, ...lost].sort((x, y) => x.createdAt.localeCompare(y.createdAt));
  return { ...newer, turns };
}
