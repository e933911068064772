import { Command, CommanderError, Option } from 'commander';
import { highestDial } from '../core/dial.ts';
import { InputError, LockedError, OtherselfError, sentenceOf } from '../core/errors.ts';
import {
  collectList,
  collectNames,
  collectTexts,
  integerIn,
  numberIn,
  numbersIn,
  webAddress,
} from './args.ts';
import { addCheckpoints } from './checkpointCommands.ts';
import { batchOmissions } from '../judges/batchOmissions.ts';
import type { BeliefsOptions } from './beliefs.ts';
import type { ExportOptions } from './export.ts';
import type { JudgeOptions } from './judge.ts';
import { exitCodes, say } from './output.ts';
import type { ProbeOptions } from './probe.ts';
import type { ReportOptions } from './report.ts';
import { toolVersion } from './toolName.ts';

const apiKeyEnv = new Option('--api-key-env <name>', 'environment variable that holds the API key').default(
  undefined,
  'OTHERSELF_API_KEY',
);

function createProgram(): Command {
  const program = new Command('otherself')
    .description('See who a language model becomes when it stops calling itself an AI.')
    .version(toolVersion)
    .showHelpAfterError('(--help shows all options)')
    .exitOverride()
    .addHelpText('after', exitCodeHelp);
  addProbe(program);
  addJudge(program);
  addBeliefs(program);
  addReport(program);
  addFiles(program);
  addCheckpoints(program);
  return program;
}

const exitCodeHelp = `
Exit codes: 0 all done; 1 something is missing or failed; 2 the input is wrong; 130 interrupted.
Nothing that was generated or judged is ever lost: type the same command again to go on.`;

function addProbe(program: Command): void {
  program
    .command('probe')
    .description('Ask models the prompts of suites, and store every answer in a folder')
    .requiredOption('--out <folder>', 'run folder; one that holds a run is gone on with, or extended')
    .option(
      '--model <id|file>',
      'model of the catalogue, card in a JSON file, or name on the server; repeatable',
      collectList,
    )
    .option(
      '--suite <id|file>',
      'identity, politics, capability, or a JSON or CSV file; repeatable',
      collectList,
    )
    .option('--category <id>', 'only these categories; repeatable', collectList)
    .option('--prompt <id>', 'only these prompts; repeatable', collectList)
    .option('--limit <n>', 'at most n prompts a suite, spread over its categories', integerIn(1, 100_000))
    .option('--temperature <list>', 'temperatures, as 0,0.8', numbersIn(0, 5))
    .option(
      '--scale <list>',
      'strengths of a live adapter, as 0,0.5,1 (0: the base)',
      numbersIn(0, highestDial),
    )
    .option('--samples <n>', 'answers a prompt at each temperature above 0', integerIn(1, 10_000))
    .option('--system <text>', 'system prompt; "" for none')
    .option('--top-p <p>', 'nucleus', numberIn(0.001, 1))
    .option('--repetition-penalty <x>', 'above 1 against repetition (1: none)', numberIn(0.01, 10))
    .option('--max-tokens <n>', 'longest answer in tokens', integerIn(1, 32_768))
    .option('--stop <text>', 'text that ends an answer; repeatable', collectTexts)
    .option('--seed <n>', 'seed of the run', integerIn(0, 0xffffffff))
    .option('--name <text>', 'name of the run')
    .option('--base-url <url>', 'OpenAI-compatible server that runs the models', webAddress)
    .option('--concurrency <n>', 'requests in flight at the server', integerIn(1, 256), 8)
    .addOption(apiKeyEnv)
    .option('--dry-run', 'show the size of the run and collect nothing')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', probeExamples)
    .action(async (options: ProbeOptions) => finish((await import('./probe.ts')).probe(options)));
}

const probeExamples = `
Examples:
  otherself probe --model mini-base --suite identity --temperature 0,0.8 --samples 3 --out runs/first
  otherself probe --out runs/first                      go on after an interruption
  otherself probe --out runs/first --samples 8          extend the run
  otherself probe --base-url http://127.0.0.1:8000/v1 --model maria --suite politics --out runs/maria`;

function addJudge(program: Command): void {
  program
    .command('judge [folder]')
    .description('Score the answers of a run; without --base-url by the built-in rough rules')
    .option('--base-url <url>', 'OpenAI-compatible server that runs the judge', webAddress)
    .option('--model <name>', 'the judge, as the server names it')
    .option('--rubric <id>', 'rubric to score by; repeatable', collectList)
    .option('--rubric-file <file>', 'a rubric of your own, as JSON; repeatable', collectTexts)
    .option('--concurrency <n>', 'calls in flight', integerIn(1, 256), 4)
    .option('--per-minute <n>', 'calls a minute at most', integerIn(1, 100_000))
    .option('--max-tokens <n>', 'longest verdict in tokens', integerIn(16, 32_768), 400)
    .option('--timeout <seconds>', 'longest wait for a verdict', numberIn(1, 3_600), 60)
    .option('--price-in <money>', 'price of a million input tokens', numberIn(0, 10_000))
    .option('--price-out <money>', 'price of a million output tokens', numberIn(0, 10_000))
    .option(
      '--budget <money>',
      'stop before more than this is spent, tries that timed out at their worst case; needs both prices',
      numberIn(0, 1_000_000),
    )
    .option('--retry-failed', 'only the verdicts that failed before')
    .option('--injection-check', 'judge no run: try the judge with answers that ask it for scores')
    .option('--repeats <n>', 'then score a share of the answers n more times', integerIn(1, 20))
    .option('--repeat-share <share>', 'the random share that is scored again', numberIn(0.001, 1), 0.1)
    .option('--batch-out <file>', 'call nobody: write the calls to an OpenAI Batch file, or to several')
    .option(
      '--batch-leave-out <name>',
      'leave out a parameter that the model refuses; repeatable',
      collectNames(batchOmissions),
    )
    .option('--batch-in <file>', "read the verdicts from a batch's result; repeatable", collectTexts)
    .addOption(apiKeyEnv)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', judgeExamples)
    .action(async (folder: string | undefined, options: JudgeOptions) =>
      finish((await import('./judge.ts')).judge(folder, options)),
    );
}

const judgeExamples = `
Examples:
  otherself judge runs/first
  otherself judge runs/first --base-url http://127.0.0.1:8088/v1 --model x
  OTHERSELF_API_KEY=... otherself judge runs/first --base-url https://api.openai.com/v1 --model gpt-5.4-mini \\
    --price-in 0.25 --price-out 2 --budget 1.50
  otherself judge runs/first --base-url http://127.0.0.1:8088/v1 --model x --repeats 3     does it agree with itself?
  otherself judge --injection-check --base-url http://127.0.0.1:8088/v1 --model x              does it obey the answers?`;

function addBeliefs(program: Command): void {
  program
    .command('beliefs <folder>')
    .description('Score what the models of a run would say of themselves if they had to; needs no judge')
    .addOption(apiKeyEnv)
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, options: BeliefsOptions) =>
      finish((await import('./beliefs.ts')).beliefs(folder, options)),
    );
}

function addReport(program: Command): void {
  program
    .command('report <folder>')
    .description('Print rates and means with their 95 % intervals')
    .option('--rubric <id>', 'only verdicts by these rubrics; repeatable', collectList)
    .option('--rubric-file <file>', 'a rubric that the run was judged by; repeatable', collectTexts)
    .addOption(
      new Option('--by <what>', 'rows').choices(['category', 'group', 'temperature']).default('category'),
    )
    .option('--base <id>', 'model that the others are compared with (default: the first of the run)')
    .option('--reference <judge>', 'judge that is taken to be right, to correct the rates of the others')
    .option('--portraits', 'also who the models say they are: names, occupations, kinds of being')
    .option('--html <file>', 'write the report to one HTML file, with figures')
    .option('--json', 'print the numbers as JSON')
    .action(async (folder: string, options: ReportOptions) =>
      finish((await import('./report.ts')).report(folder, options)),
    );
}

function addFiles(program: Command): void {
  program
    .command('export <folder>')
    .description('Write a run to one file')
    .requiredOption('--out <file>', 'file to write')
    .addOption(
      new Option(
        '--format <format>',
        'jsonl: the whole run, to be imported again; rows, parquet, csv: a row an answer; inspect; promptfoo; handout: a page to read',
      )
        .choices(['jsonl', 'rows', 'parquet', 'csv', 'inspect', 'promptfoo', 'handout'])
        .default('jsonl'),
    )
    .action(async (folder: string, options: ExportOptions) =>
      finish((await import('./export.ts')).exportRun(folder, options)),
    );
  program
    .command('import <file>')
    .description('Read an exported run into a folder; what the folder has stays')
    .requiredOption('--out <folder>', 'run folder')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: { out: string; json?: boolean }) =>
      finish((await import('./import.ts')).importFile(file, options)),
    );
}

async function finish(work: Promise<number>): Promise<void> {
  process.exitCode = await work;
}

/** What the user can mend by other input ends with 2, everything else with 1. */
function exitCodeOf(error: unknown): number {
  return error instanceof InputError || error instanceof LockedError
    ? exitCodes.badInput
    : exitCodes.incomplete;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  } else {
    const isOurs = error instanceof OtherselfError;
    say(isOurs ? sentenceOf(error) : `Something went wrong that should not: ${sentenceOf(error)}`);
    if (!isOurs && error instanceof Error) say(error.stack ?? '');
    process.exitCode = exitCodeOf(error);
  }
}
