import { describe, expect, it } from 'vitest';
import { type Chat, type Turn, appendTurn, branchOf, chatSchema, showBranch, siblingsOf } from './chat.ts';

const createdAt = '2026-11-24T12:00:00.000Z';
const empty: Chat = {
  format: 1,
  id: 'c',
  title: 'Who is there?',
  createdAt,
  updatedAt: createdAt,
  system: '',
  turns: [],
  leaf: null,
};
const user = (id: string, parent: string | null): Turn => ({
  id,
  parent,
  role: 'user',
  content: id,
  createdAt,
});
const answer = (id: string, parent: string): Turn => ({
  id,
  parent,
  role: 'assistant',
  content: id,
  createdAt,
  model: 'mini-base',
  modelFingerprint: 'f',
  temperature: 0.8,
  topP: 0.95,
  maxTokens: 200,
  seed: 1,
  finish: 'stop',
  tokens: 3,
  durationMs: 100,
});
const chat = [
  user('u1', null),
  answer('a1', 'u1'),
  user('u2', 'a1'),
  answer('a2', 'u2'),
  answer('a1b', 'u1'),
].reduce(appendTurn, empty);
const ids = (turns: readonly Turn[]) => turns.map(({ id }) => id);

describe('a chat', () => {
  it('shows the branch that ends in the newest turn', () => {
    expect(ids(branchOf(chat))).toEqual(['u1', 'a1b']);
    expect(chatSchema.safeParse(chat).success).toBe(true);
  });

  it('pages between the versions of a turn, each with its own continuation', () => {
    const [first, second] = siblingsOf(chat, answer('a1b', 'u1'));
    expect([first?.id, second?.id]).toEqual(['a1', 'a1b']);
    expect(ids(branchOf(showBranch(chat, 'a1')))).toEqual(['u1', 'a1', 'u2', 'a2']);
    expect(ids(branchOf(showBranch(chat, 'a1b')))).toEqual(['u1', 'a1b']);
  });

  it('survives parents that are missing or go in a circle', () => {
    const broken = { ...chat, turns: [user('x', 'y'), user('y', 'x')], leaf: 'x' };
    expect(ids(branchOf(broken))).toEqual(['y', 'x']);
    expect(branchOf({ ...chat, leaf: 'gone' })).toEqual([]);
  });
});
