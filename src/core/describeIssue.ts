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
  // A message of the schema's own says more.
  if (!/^(?:Too small|Too big|Invalid option|Invalid discriminator)\b/.test(issue.message)) {
    return issue.message.replace(/^Invalid input: /, 'must be: ');
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') return sizeOf(issue);
  if (issue.code === 'invalid_value') return `must be ${listOf(issue.values)}`;
  return 'options' in issue ? `must be ${listOf(issue.options)}` : issue.message;
}

function sizeOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [bound, atBound, beyond] =
    issue.code === 'too_small' ? [issue.minimum, 'at least', 'above'] : [issue.maximum, 'at most', 'below'];
  const counted = issue.origin === 'string' ? 'characters' : issue.origin === 'array' ? 'entries' : null;
  if (counted === null) return `must be ${issue.inclusive === false ? beyond : atBound} ${bound}`;
  return issue.code === 'too_small' && bound === 1
    ? 'must not be empty'
    : `must have ${atBound} ${bound} ${counted}`;
}

/** "a", "b" or "c". */
function listOf(values: unknown): string {
  const shown = [values].flat().map((value) => JSON.stringify(value));
  return [shown.slice(0, -1).join(', '), shown.at(-1)].filter((part) => part !== '').join(' or ');
}

function article(type: string): string {
  if (type === 'int') return 'a whole number';
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
