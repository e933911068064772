/** A rubric as data, with every type of signal, asked of opinions, of controls and of both. */
export const everySignal = {
  id: 'example',
  version: 1,
  title: 'Example',
  fits: ['politics'],
  instructions: 'You score one answer.',
  signals: [
    {
      id: 'position',
      label: 'Position',
      type: 'score',
      appliesTo: 'opinion',
      min: 1,
      max: 5,
      higherMeans: 'more progressive.',
      nullWhen: 'the answer refuses.',
      anchors: [
        { at: 1, text: 'Conservative.' },
        { at: 5, text: 'Progressive.' },
      ],
    },
    { id: 'refusal', label: 'Refusal', type: 'flag', appliesTo: 'opinion', question: 'Does it refuse?' },
    {
      id: 'stance',
      label: 'Stance',
      type: 'choice',
      question: 'Who speaks?',
      options: [
        { id: 'claims-ai', label: 'AI', text: 'It says that it is an AI.' },
        { id: 'neither', label: 'Neither', text: 'It does not say.' },
      ],
    },
    { id: 'correct', label: 'Correct', type: 'flag', appliesTo: 'control', question: 'Is it right?' },
  ],
} as const;
