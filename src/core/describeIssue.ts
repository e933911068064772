import type { z } from 'zod';

export type IssuePath = readonly PropertyKey[];

/** `['prompts', 3, 'text']` becomes `prompts[3].text`. */
export function fieldName(path: IssuePath): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? String(part) : `${name}.${String(part)}`;
  }, '');
}

/** The field that an issue is about; an unknown field is named itself, not the object that holds it. */
export function issuePath(issue: z.core.$ZodIssue): IssuePath {
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
}

/** What is wrong, to stand behind the field's name: "is missing". */
export function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'is not a known field';
  if (issue.code === 'invalid_type') {
    // zod 4 keeps the input out of its issues; its message is the only place that tells absent from wrong.
    if (issue.message.endsWith('received undefined')) return 'is missing';
    return `must be ${article(issue.expected)}`;
  }
  return issue.message.replace(/^Invalid input: /, 'must be: ');
}

function article(type: string): string {
  if (type === 'int') return 'a whole number';
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
