import { basename } from 'node:path';
import { buildChatConfig } from '../../checkpoint/chatConfig.ts';
import { type ModelConfig, parseModelConfig } from '../../checkpoint/modelConfig.ts';
import { planParameters } from '../../checkpoint/parameterMap.ts';
import {
  type ConversionPlan,
  type ConversionRequest,
  planConversion,
} from '../../checkpoint/planConversion.ts';
import { InputError } from '../../core/errors.ts';
import { hashOf } from '../../core/ids.ts';
import { toolName } from '../toolName.ts';
import { tokenizerFiles } from './checkpointFiles.ts';
import { stampOf } from './convertCheckpoint.ts';
import { type Adapter, type Base, parseJson } from './readCheckpoint.ts';

export type ConversionSettings = Pick<ConversionRequest, 'quantisation' | 'ties' | 'rounding'>;

export interface PreparedConversion {
  /** Changes with any file and any setting, so that no conversion goes on with what another began. */
  readonly id: string;
  readonly base: Base;
  readonly adapters: readonly Adapter[];
  readonly settings: ConversionSettings;
  /** Of mlc-chat-config.json. */
  readonly chatConfig: Readonly<Record<string, unknown>>;
  readonly plan: ConversionPlan;
  /** Every file that is read, by path, with its stamp. */
  readonly sources: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** Plans all of a conversion. No weight has been read after it. */
export async function prepareConversion(
  base: Base,
  adapters: readonly Adapter[],
  settings: ConversionSettings,
): Promise<PreparedConversion> {
  const config = parseModelConfig(factOf(base, 'config.json'), base.place.pathOf('config.json'));
  const chat = chatConfigOf(base, config, settings);
  const parameters = planParameters(config, base.tensors, settings.quantisation);
  const plan = planConversion({ parameters, adapters: adapters.map((adapter) => adapter.plan), ...settings });
  const sources = new Map<string, string>();
  for (const { place, files } of [base, ...adapters])
    for (const name of files) sources.set(place.pathOf(name), await stampOf(place.pathOf(name)));
  const asked = adapters.map(({ place, scale }) => [place.id, place.revision, scale]);
  return {
    id: hashOf({ toolName, settings, asked, base: base.place.id, sources: [...sources] }),
    ...{ base, adapters, settings, plan, sources },
    chatConfig: chat.json,
    notes: [
      ...base.notes,
      ...adapters.flatMap((adapter) => notesOf(adapter, base)),
      ...chat.conversation.differences,
    ],
  };
}

function chatConfigOf(base: Base, config: ModelConfig, { quantisation }: ConversionSettings) {
  const optional = (name: string): unknown => (base.facts.has(name) ? factOf(base, name) : null);
  const template = base.facts.get('chat_template.jinja');
  const files = {
    config: factOf(base, 'config.json'),
    generationConfig: optional('generation_config.json'),
    tokenizer: factOf(base, 'tokenizer.json'),
    tokenizerConfig: optional('tokenizer_config.json'),
    chatTemplate: template ? new TextDecoder().decode(template) : null,
  };
  const present = tokenizerFiles.filter((name) => base.facts.has(name));
  return buildChatConfig(config, files, { quantisation, tokenizerFiles: present });
}

function factOf({ place, facts }: Base, name: string): unknown {
  const bytes = facts.get(name);
  if (!bytes) throw new InputError(`${place.id} holds no ${name}. Get all files of the model.`);
  return parseJson(bytes, place.pathOf(name));
}

/** An adapter names its base by id or by a path of another machine: only the last part can be held against ours. */
function notesOf({ plan, place }: Adapter, base: Base): string[] {
  const { baseName, notes } = plan;
  const isOther =
    baseName !== null && basename(baseName).toLowerCase() !== basename(base.place.id).toLowerCase();
  return [
    ...notes,
    ...(isOther
      ? [`${place.id} was trained on ${baseName}, and is merged into ${base.place.id}. The shapes fit.`]
      : []),
  ];
}
