import { describe, expect, it } from 'vitest';
import { rubricKey } from '../../core/rubric.ts';
import { detailRubric } from '../../core/testing/detailRubric.ts';
import { exampleRubric } from '../../core/testing/exampleRubric.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { SuitesState } from './suitesState.svelte.ts';

const library = { suites: [], rubrics: [exampleRubric], postQuestionIds: [] };
const open = (store: MemoryStore) => new SuitesState(() => Promise.resolve(library), store);
const fileOf = (value: unknown) => new File([JSON.stringify(value)], 'mine.json');
const keysOf = ({ rubrics }: SuitesState) => rubrics.map(rubricKey);

describe('rubrics of one’s own', () => {
  it('are kept beside those of the app, every version of them, until they are deleted', async () => {
    const store = new MemoryStore();
    const suites = open(store);
    expect(await suites.addRubric(fileOf(detailRubric))).toMatchObject({ isNew: true });
    expect(await suites.addRubric(fileOf({ ...detailRubric, version: 2 }))).toMatchObject({ isNew: true });
    expect(await suites.addRubric(fileOf(detailRubric))).toMatchObject({ isNew: false });

    const later = open(store);
    await later.load();
    expect(keysOf(later)).toEqual(['example@1', 'details@1', 'details@2']);
    await later.removeRubric(detailRubric);
    expect(keysOf(later)).toEqual(['example@1', 'details@2']);
    expect(await store.keys('rubrics')).toEqual(['details@2']);
  });

  it('do not take the place of another of the same version, nor of one of the app', async () => {
    const store = new MemoryStore();
    const suites = open(store);
    expect(await suites.addRubric(fileOf(exampleRubric))).toMatchObject({ isNew: false });
    await suites.addRubric(fileOf(detailRubric));
    for (const rubric of [exampleRubric, detailRubric]) {
      await expect(suites.addRubric(fileOf({ ...rubric, title: 'Other' }))).rejects.toThrow(
        'Raise the version in the file',
      );
    }
    await expect(suites.addRubric(fileOf({ id: 'mine' }))).rejects.toThrow(
      'mine.json, line 1: version is missing',
    );
    expect(await store.keys('rubrics')).toEqual(['details@1']);
  });
});
