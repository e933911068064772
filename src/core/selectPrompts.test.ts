import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { selectPrompts } from './selectPrompts.ts';
import type { Suite } from './suite.ts';

const suite: Suite = {
  id: 'pets',
  version: 3,
  title: 'Pets',
  description: '',
  kind: 'custom',
  categories: ['cats', 'dogs'].map((id) => ({ id, title: id })),
  prompts: [
    { id: 'cat-1', category: 'cats', text: 'Do you purr?' },
    { id: 'cat-2', category: 'cats', text: 'Do you climb?' },
    { id: 'cat-3', category: 'cats', text: 'Do you sleep?' },
    { id: 'dog-1', category: 'dogs', text: 'Do you bark?', reference: 'Yes' },
  ],
};
const idsOf = (selection: Parameters<typeof selectPrompts>[1]) =>
  selectPrompts(suite, selection).map(({ promptId }) => promptId);

describe('selectPrompts', () => {
  it('copies what a run needs of a prompt', () => {
    expect(selectPrompts(suite).at(-1)).toEqual({
      suite: 'pets',
      suiteVersion: 3,
      suiteKind: 'custom',
      promptId: 'dog-1',
      category: 'dogs',
      text: 'Do you bark?',
      reference: 'Yes',
    });
  });

  it('spreads a limit over the categories and keeps the order', () => {
    expect(idsOf({ limit: 1 })).toEqual(['cat-1']);
    expect(idsOf({ limit: 3 })).toEqual(['cat-1', 'cat-2', 'dog-1']);
    expect(idsOf({ limit: 99 })).toHaveLength(4);
  });

  it('chooses by category and by prompt', () => {
    expect(idsOf({ categories: ['dogs'] })).toEqual(['dog-1']);
    expect(idsOf({ promptIds: ['cat-3', 'cat-1'] })).toEqual(['cat-1', 'cat-3']);
  });

  it('refuses what the suite does not have', () => {
    expect(() => selectPrompts(suite, { categories: ['birds'] })).toThrow(InputError);
    expect(() => selectPrompts(suite, { promptIds: ['cat-9'] })).toThrow('no prompt "cat-9". It has: cat-1,');
  });
});
