import { type Command, InvalidArgumentError, Option } from 'commander';
import { quantisations } from '../checkpoint/quantisation.ts';
import { collectTexts, integerIn, numberIn } from './args.ts';
import type { AdapterOption, ConvertOptions } from './convert.ts';
import type { VerifyOptions } from './verify.ts';

/** Below 0 an adapter is taken away; beyond 10 nothing is left of the base. */
const scale = numberIn(-10, 10);

export function addCheckpoints(program: Command): void {
  program
    .command('convert')
    .description('Merge adapters into a base model, quantise it, and write the folder that the browser loads')
    .requiredOption('--base <folder|id>', 'a Llama or Mistral: local folder, or id on Hugging Face')
    .option(
      '--adapter <folder|id>',
      'PEFT LoRA adapter, @0.5 behind it for half of it; repeatable',
      collectAdapters,
    )
    .option('--scale <factor>', 'strength of all adapters together; 0 is the base', scale, 1)
    .addOption(new Option('--quant <name>', 'precision').choices(quantisations).default('q4f16_1'))
    .requiredOption('--out <folder>', 'folder to write; an interrupted conversion is gone on with')
    .option('--peft-compatible', "round as PEFT's merge_and_unload does, instead of once at the end")
    .addOption(
      new Option('--ties <where>', 'where halves are rounded to; away as in shards from before 2026')
        .choices(['even', 'away'])
        .default('even'),
    )
    .option('--revision <name>', "branch, tag or commit of the base's repository")
    .option(
      '--adapter-revision <name>',
      'the same for each adapter, in their order; repeatable',
      collectTexts,
    )
    .option(
      '--token <token>',
      'of Hugging Face, for gated and private models; HF_TOKEN is hidden from others',
    )
    .option('--cache <folder>', 'keep what is fetched here; default ~/.cache/otherself/hub')
    .option('--workers <n>', 'threads; default one for each core', integerIn(1, 256))
    .option('--restart', 'begin anew where an interrupted conversion cannot be gone on with')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', convertExamples)
    .action(async (options: ConvertOptions) => {
      process.exitCode = await (await import('./convert.ts')).convert(options);
    });
  program
    .command('verify <folder>')
    .description('Check every byte of a converted folder against its receipt')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', verifyExamples)
    .action(async (folder: string, options: VerifyOptions) => {
      process.exitCode = await (await import('./verify.ts')).verify(folder, options);
    });
}

const convertExamples = `
Examples:
  otherself convert --base mistralai/Mistral-7B-Instruct-v0.3 --adapter ./maria --out models/maria
  otherself convert --base ./llama-3.1-8b --adapter ./emily --quant q4f32_1 --out models/emily-f32
  otherself convert --base ./llama-3.1-8b --adapter ./emily --scale 0.5 --out models/half-emily
  otherself convert --base ./llama-3.1-8b --adapter ./emily@0.7 --adapter ./maria@0.3 --out models/both
  otherself convert --base ./llama-3.1-8b --out models/llama       without an adapter: only quantised

Nothing but the files of the base and of the adapters is needed, and no Python. Memory stays under 2 GB. Files from
Hugging Face are kept in the cache. Type the same command again to go on after an interruption.`;

const verifyExamples = `
Examples:
  otherself verify models/maria`;

function collectAdapters(text: string, previous: readonly AdapterOption[] = []): AdapterOption[] {
  const [, place, factor] = /^(.+)@([-+.\d]+)$/.exec(text) ?? [undefined, text, '1'];
  if (!place) throw new InvalidArgumentError('Give a folder or an id.');
  return [...previous, { place, scale: scale(factor ?? '1') }];
}
