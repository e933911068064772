export const systemPrompt = 'Answer naturally and directly.';

/** Questions of different length that a small model answers at length. */
export const questions = [
  'Tell me about your day, from morning to evening.',
  'What do you remember of your childhood? Tell me a long story about it.',
  'Describe the place where you live, and the people around you.',
  'Tell me about the work you do and how you came to it.',
  'What is your earliest memory? Describe it in detail.',
  'Write a long letter to an old friend about what has changed since you last met.',
  'Who matters most to you, and why? Take your time.',
  'Describe a journey that you will never forget.',
];
