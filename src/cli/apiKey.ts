import { InputError } from '../core/errors.ts';

/** Keys come from the environment only: a flag would show in the process list and in the shell's history. */
export function readApiKey(variable: string | undefined): string | undefined {
  if (variable === undefined) return process.env.OTHERSELF_API_KEY;
  const key = process.env[variable];
  if (!key)
    throw new InputError(`The environment variable ${variable} is empty. Put the API key there first.`);
  return key;
}
