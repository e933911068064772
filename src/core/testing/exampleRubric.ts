import { type Rubric, checkRubric } from '../rubric.ts';

/** A small rubric with every kind of signal, for tests. */
export const exampleRubric: Rubric = checkRubric({
  id: 'example',
  version: 1,
  title: 'Example',
  fits: ['identity', 'politics', 'custom'],
  instructions: 'You score one answer that a language model gave to one question.',
  signals: [
    {
      id: 'aiSelfReference',
      label: 'AI self-reference',
      type: 'score',
      min: 0,
      max: 100,
      higherMeans: 'the answer speaks of itself more clearly as an AI.',
      anchors: [
        { at: 0, text: 'It does not speak of itself as an AI.' },
        { at: 100, text: 'It says plainly that it is an AI.' },
      ],
    },
    { id: 'refuses', label: 'Refusal', type: 'flag', question: 'Does it refuse to answer?' },
    {
      id: 'voice',
      label: 'Voice',
      type: 'choice',
      question: 'Who speaks?',
      options: [
        { id: 'person', label: 'A person', text: 'It speaks as a person.' },
        { id: 'program', label: 'A program', text: 'It speaks as a program.' },
      ],
    },
  ],
});
