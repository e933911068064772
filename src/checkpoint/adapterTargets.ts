import { RE2JS } from 're2js';
import type { AdapterConfig } from './adapterConfig.ts';
import { CheckpointError } from './checkpointError.ts';

/**
 * The first key that matches the module as a name, the end of one, or an expression for these; undefined if none.
 * Source: PEFT 0.21.2, get_pattern_key. The expressions come from files of strangers, so they run in linear time.
 */
export function findPattern(keys: readonly string[], module: string, file: string): string | undefined {
  return keys.find((key) => matchesAll(`(?:.*\\.)?(?:${key})`, module, file));
}

/**
 * Whether PEFT would put an adapter on this module of the base; null if the config does not say.
 * Source: PEFT 0.21.2, check_target_module_exists.
 */
export function isTarget(config: AdapterConfig, module: string, file: string): boolean | null {
  const { target_modules: targets, modules_to_save: saved } = config;
  if (isNamed(config.exclude_modules, module, file)) return false;
  if (saved?.some((name) => matchesAll(`(?:|.*\\.)(?:${name})(?:|\\..*)`, module, file))) return false;
  if (targets === null || targets === undefined) return null;
  if (targets === 'all-linear') return !/(^|\.)(embed_tokens|lm_head)$/.test(module);
  return isNamed(targets, module, file) && (typeof targets === 'string' || isInLayers(config, module, file));
}

function isNamed(
  names: string | readonly string[] | null | undefined,
  module: string,
  file: string,
): boolean {
  if (typeof names === 'string') return names !== '' && matchesAll(names, module, file);
  return names?.some((name) => module === name || module.endsWith(`.${name}`)) ?? false;
}

function isInLayers(config: AdapterConfig, module: string, file: string): boolean {
  const layers = [config.layers_to_transform ?? []].flat();
  if (layers.length === 0) return true;
  const patterns = [config.layers_pattern ?? []].flat();
  const lists = patterns.length > 0 ? patterns.map((name) => `(?:|.*?\\.)(?:${name})`) : ['.*?\\.[^.]*'];
  return lists.some((list) => layers.some((layer) => matchesAll(`${list}\\.0*${layer}\\..*`, module, file)));
}

function matchesAll(pattern: string, text: string, file: string): boolean {
  try {
    return RE2JS.compile(pattern).matches(text);
  } catch {
    throw new CheckpointError(
      `${file} has the pattern ${pattern}, which cannot be read. Write the names of the modules out.`,
    );
  }
}
