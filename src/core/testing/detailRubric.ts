import { type Rubric, checkRubric, notSaid } from '../rubric.ts';

/** A small rubric by which a judge notes what an answer says. */
export const detailRubric: Rubric = checkRubric({
  id: 'details',
  version: 1,
  title: 'Details',
  fits: ['identity', 'custom'],
  instructions: 'Note what the answer says of its speaker.',
  signals: [
    { id: 'name', label: 'Name', type: 'text', question: 'Which name?' },
    { id: 'age', label: 'Age', type: 'number', min: 0, max: 150, question: 'How many years?' },
    {
      id: 'kind',
      label: 'Kind',
      type: 'choice',
      question: 'What kind of being?',
      options: [
        { id: 'human', label: 'Human', text: 'A human.' },
        { id: notSaid, label: 'Not said', text: 'It does not say.' },
      ],
    },
  ],
});
