import { describe, expect, it } from 'vitest';
import { type AssistantTurn, type Chat, appendTurn, chatSchema, mergeChats, putAnswers } from './chat.ts';
import { messagesUpTo, paneBranch, paneRows } from './panes.ts';

const createdAt = '2026-11-24T12:00:00.000Z';
const empty: Chat = {
  ...{ format: 1, id: 'c', title: 'Who is there?', createdAt, updatedAt: createdAt, system: 'Be brief.' },
  ...{ turns: [], leaf: null },
  panes: ['a', 'b'].map((id) => ({ id, model: `model-${id}`, temperature: 0 })),
};
const ask = (chat: Chat, id: string): Chat =>
  appendTurn(chat, { id, parent: chat.leaf, role: 'user', content: `${id}?`, createdAt });
const answer = (id: string, parent: string, more: Partial<AssistantTurn> = {}): AssistantTurn => ({
  ...{ id, parent, role: 'assistant', content: id, createdAt, model: 'm', modelFingerprint: 'f' },
  ...{ temperature: 0, topP: 1, maxTokens: 9, seed: 1, finish: 'stop', tokens: 1, durationMs: 1 },
  ...more,
});
const inPanes = (question: string, ...panes: readonly string[]): AssistantTurn[] =>
  panes.map((pane) => answer(`${question}${pane}`, question, { pane }));

const one = putAnswers(ask(empty, 'q1'), inPanes('q1', 'a', 'b'));
const two = putAnswers(ask(one, 'q2'), inPanes('q2', 'a', 'b'));
const said = (chat: Chat, question: string, pane?: string) =>
  messagesUpTo(chat, question, pane).map(({ content }) => content);

describe('panes', () => {
  it('each go on from their own answers', () => {
    expect(chatSchema.safeParse(two).error).toBeUndefined();
    const next = ask(two, 'q3');
    expect(said(next, 'q3', 'a')).toEqual(['Be brief.', 'q1?', 'q1a', 'q2?', 'q2a', 'q3?']);
    expect(said(next, 'q3', 'b')).toEqual(['Be brief.', 'q1?', 'q1b', 'q2?', 'q2b', 'q3?']);
    expect(paneBranch(two, 'b').map(({ id }) => id)).toEqual(['q1', 'q1b', 'q2', 'q2b']);
  });

  it('leave out of their history what they did not answer', () => {
    const failed = answer('q2b', 'q2', { pane: 'b', content: '', finish: 'failed' });
    const partly = putAnswers(ask(one, 'q2'), [...inPanes('q2', 'a'), failed]);
    expect(said(ask(partly, 'q3'), 'q3', 'b')).toEqual(['Be brief.', 'q1?', 'q1b', 'q3?']);
    expect(said(ask(partly, 'q3'), 'q3', 'late')).toEqual(['Be brief.', 'q3?']);
    expect(said(ask(one, 'q2'), 'q2', 'a').at(-1)).toBe('q2?');
  });

  it('are not thrown out of step by a first pane that failed', () => {
    const broken = answer('q1a', 'q1', { pane: 'a', content: '', finish: 'failed' });
    const chat = ask(putAnswers(ask(empty, 'q1'), [broken, ...inPanes('q1', 'b')]), 'q2');
    expect(said(chat, 'q2', 'a')).toEqual(['Be brief.', 'q2?']);
    expect(said(chat, 'q2', 'b')).toEqual(['Be brief.', 'q1?', 'q1b', 'q2?']);
  });

  it('share what was said before there were any', () => {
    const before = putAnswers(ask({ ...empty, panes: undefined }, 'q0'), [answer('q0x', 'q0')]);
    const chat = putAnswers(ask({ ...before, panes: empty.panes }, 'q1'), inPanes('q1', 'a', 'b'));
    expect(said(ask(chat, 'q2'), 'q2', 'b')).toEqual(['Be brief.', 'q0?', 'q0x', 'q1?', 'q1b', 'q2?']);
    expect(
      paneRows(chat).map(({ shared, answers }) => [shared?.id, answers.map((turn) => turn?.id)]),
    ).toEqual([
      ['q0x', [undefined, undefined]],
      [undefined, ['q1a', 'q1b']],
    ]);
  });

  it('show the newest answer, where one was asked for again after a failure', () => {
    const failed = answer('gone', 'q1', { pane: 'b', content: '', finish: 'failed' });
    const first = putAnswers(ask(empty, 'q1'), [...inPanes('q1', 'a'), failed]);
    const again = putAnswers(first, inPanes('q1', 'b'));
    expect(paneRows(again)[0]?.answers.map((turn) => turn?.id)).toEqual(['q1a', 'q1b']);
  });

  it('stay when two states of a chat are merged', () => {
    const older = { ...two, updatedAt: '2026-11-24T11:00:00.000Z' };
    const newer = { ...one, panes: one.panes?.slice(1) };
    const merged = mergeChats(older, newer);
    expect(merged.panes).toEqual(newer.panes);
    expect(merged.turns.map(({ id }) => id).sort()).toEqual(two.turns.map(({ id }) => id).sort());
  });
});
