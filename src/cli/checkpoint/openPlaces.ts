import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../core/errors.ts';
import { openHubPlace } from './hubPlace.ts';
import { isHubId, openLocalPlace, type Place } from './place.ts';

export interface HubSettings {
  readonly token: string | undefined;
  readonly cacheFolder: string;
  readonly hubUrl: string;
  readonly signal: AbortSignal;
}

/** As the Hugging Face tools have it: the same variables, so that a mirror or a token is set once. */
export function readHubSettings(
  options: { readonly token?: string | undefined; readonly cache?: string | undefined },
  signal: AbortSignal,
): HubSettings {
  const { HF_TOKEN, HF_ENDPOINT, XDG_CACHE_HOME } = process.env;
  return {
    token: options.token ?? (HF_TOKEN || undefined),
    cacheFolder: options.cache ?? join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'otherself', 'hub'),
    hubUrl: (HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, ''),
    signal,
  };
}

/** A local folder if there is one of that name, else a repository on the hub. */
export async function openPlace(
  name: string,
  revision: string | undefined,
  settings: HubSettings,
): Promise<Place> {
  if (existsSync(name)) {
    if (revision === undefined) return openLocalPlace(name);
    throw new InputError(`${name} is a local folder, which has no revision ${revision}. Leave that out.`);
  }
  if (!isHubId(name)) {
    throw new InputError(
      `There is no folder ${name}, and it is no id on Hugging Face, such as owner/name. Check the name.`,
    );
  }
  return openHubPlace({ name, revision: revision ?? 'main', ...settings });
}
