import { InputError } from '../../core/errors.ts';

const repository = /^[\w][\w.-]*\/[\w][\w.-]*$/;

/**
 * The address of a checkpoint's folder, ending in a slash, from what a user writes: an id on Hugging Face
 * (`name/model` or `name/model@revision`), an address, or a folder below `models/` that this app's own server serves.
 * Throws {@link InputError}.
 */
export function resolveLocation(text: string, baseAddress: string): string {
  const location = text.trim();
  if (location === '')
    throw new InputError(
      'Write where the checkpoint is: a Hugging Face id, an address, or a folder below models/.',
    );
  if (/^https?:\/\//.test(location)) return resolveAddress(location);
  if (/^(\.\/)?models\//.test(location)) return new URL(`${location.replace(/\/+$/, '')}/`, baseAddress).href;
  const [id = '', revision = 'main'] = location.split('@');
  if (repository.test(id)) return `https://huggingface.co/${id}/resolve/${encodeURIComponent(revision)}/`;
  throw new InputError(
    `"${location}" is no Hugging Face id (name/model), no address (https://...), and no folder below models/.`,
  );
}

function resolveAddress(location: string): string {
  if (!URL.canParse(location)) throw new InputError(`"${location}" is not a valid address.`);
  const url = new URL(`${location.replace(/[?#].*$/, '').replace(/\/+$/, '')}/`);
  const [, name, model, ...rest] = url.pathname.split('/');
  const isModelPage = url.hostname === 'huggingface.co' && name && model;
  if (!isModelPage) return url.href;
  // The page of a model, or of its files, is what people copy.
  const [kind, revision] = rest;
  const isFiles = (kind === 'tree' || kind === 'resolve' || kind === 'blob') && revision;
  return `https://huggingface.co/${name}/${model}/resolve/${isFiles ? revision : 'main'}/`;
}
