import { collectRun } from '../core/collect.ts';
import type { CollectCounts, CollectEvent, CollectOutcome } from '../core/collectEvent.ts';
import { sweepDial } from '../core/dial.ts';
import { InputError } from '../core/errors.ts';
import { extendRun, refuseOtherSettings } from '../core/extendRun.ts';
import type { ModelCard } from '../core/model.ts';
import { countRollouts } from '../core/plan.ts';
import { systemClock, timestamp } from '../core/ports/clock.ts';
import { formatDuration, RecentRate, secondsLeft } from '../core/progress.ts';
import { type PlannedPrompt, type Run, runDefaults, runFormat } from '../core/run.ts';
import { selectPrompts } from '../core/selectPrompts.ts';
import { findModel, findSuite } from './catalogue.ts';
import { collectOnEngines, exitCodeOf } from './collectOnEngines.ts';
import { type ExitCode, exitCodes, printResult, say, startProgress } from './output.ts';
import { openRunFolder, type RunFolder } from './runFolder.ts';

export interface ProbeOptions {
  readonly out: string;
  readonly model?: readonly string[];
  readonly suite?: readonly string[];
  readonly category?: readonly string[];
  readonly prompt?: readonly string[];
  readonly limit?: number;
  readonly system?: string;
  readonly temperature?: readonly number[];
  readonly scale?: readonly number[];
  readonly samples?: number;
  readonly topP?: number;
  readonly repetitionPenalty?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly name?: string;
  readonly baseUrl?: string;
  readonly concurrency: number;
  readonly apiKeyEnv?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Collects a run into a folder, or goes on with the one that is there. */
export async function probe(options: ProbeOptions): Promise<ExitCode> {
  const folder = await openRunFolder(options.out, { create: options.dryRun !== true });
  const run = await settleRun(folder, options);
  const size = countRollouts(run);
  say(
    `${counted(run.models.length, 'model')} x ${counted(run.prompts.length, 'prompt')}: ${counted(size, 'answer')}.`,
  );
  if (options.dryRun) {
    printResult({ answers: size, run }, `${size} answers. Nothing was collected.`, {
      json: options.json === true,
    });
    return exitCodes.done;
  }
  await folder.store.put('runs', [[run.id, run]]);
  const outcome = await collect(folder, run, options);
  return report(outcome, options);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

async function settleRun({ run: stored }: RunFolder, options: ProbeOptions): Promise<Run> {
  const asked = await plan(options, stored);
  if (!stored) return asked;
  refuseOtherSettings(stored, asked, options.out);
  return extendRun(stored, asked);
}

/** What was asked for; where nothing was said, the stored run's settings, else the defaults. */
async function plan(options: ProbeOptions, stored: Run | undefined): Promise<Run> {
  const models = stored && !options.model ? stored.models : await chooseModels(options);
  const prompts = stored && !options.suite ? stored.prompts : await choosePrompts(options);
  const createdAt = timestamp(systemClock);
  return {
    format: runFormat,
    id: crypto.randomUUID(),
    name: options.name ?? `${models.map(({ name }) => name).join(', ')}, ${createdAt.slice(0, 10)}`,
    createdAt,
    models,
    prompts,
    judgings: [],
    ...chooseSettings(options, stored),
    ...choosePenalty(options, stored),
  };
}

type RunSettings = Pick<Run, keyof typeof runDefaults>;

function chooseSettings(options: ProbeOptions, stored: Run | undefined): RunSettings {
  const names = Object.keys(runDefaults) as (keyof RunSettings)[];
  const settings = names.map((name) => [
    name,
    optionOf(options, name) ?? stored?.[name] ?? runDefaults[name],
  ]);
  return Object.fromEntries(settings) as RunSettings;
}

/** None is left out, as in the form's runs. */
function choosePenalty(options: ProbeOptions, stored: Run | undefined): Pick<Run, 'repetitionPenalty'> {
  const repetitionPenalty = options.repetitionPenalty ?? stored?.repetitionPenalty ?? 1;
  return repetitionPenalty === 1 ? {} : { repetitionPenalty };
}

function optionOf(options: ProbeOptions, name: keyof RunSettings): unknown {
  return name === 'temperatures' ? options.temperature : options[name];
}

async function chooseModels({
  model,
  baseUrl,
  concurrency,
  scale = [1],
}: ProbeOptions): Promise<ModelCard[]> {
  if (!model) throw new InputError('Name a model with --model, such as --model mini-base.');
  const served = baseUrl === undefined ? undefined : { baseUrl, concurrency };
  return sweepDial(await Promise.all(model.map((id) => findModel(id, served))), scale);
}

async function choosePrompts(options: ProbeOptions): Promise<PlannedPrompt[]> {
  if (!options.suite) throw new InputError('Name a suite with --suite, such as --suite identity.');
  const suites = await Promise.all(options.suite.map(findSuite));
  const selection = {
    ...(options.category ? { categories: options.category } : {}),
    ...(options.prompt ? { promptIds: options.prompt } : {}),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
  const prompts = suites.flatMap((suite) => selectPrompts(suite, selection));
  if (prompts.length === 0)
    throw new InputError('The selection leaves no prompt. Loosen --category, --prompt or --limit.');
  return prompts;
}

function collect({ store }: RunFolder, run: Run, options: ProbeOptions): Promise<CollectOutcome> {
  const onEvent = describeTo(options.json === true);
  const { apiKeyEnv } = options;
  return collectOnEngines({ whatIsKept: 'Every finished answer is stored.', apiKeyEnv, onEvent }, (parts) =>
    collectRun(run, { store, ...parts }),
  );
}

/** Shows a collection's events as a progress line and notes. */
function describeTo(quiet: boolean) {
  let line = startProgress(0, '', { quiet });
  let begun = { atMs: 0, done: 0 };
  let tokens = new RecentRate(0);
  const show = (event: CollectEvent): void => {
    if (event.type === 'planned') {
      begun = { atMs: systemClock.now(), done: event.counts.done };
      if (event.counts.done > 0) say(`${event.counts.done} are stored already.`);
      line = startProgress(event.counts.total, 'Collecting', { quiet });
    } else if (event.type === 'loaded') {
      event.facts.notes.forEach(say);
      tokens = new RecentRate(systemClock.now());
    } else if (event.type === 'growing') {
      if (event.tokens > 0) tokens.add(event.tokens, systemClock.now());
    } else if (event.type === 'lost') {
      say(`${event.error} Loading ${event.model.name} again.`);
    } else if (event.type === 'rollout')
      line.update(event.counts.done, detailOf(event.counts, begun, tokens));
  };
  return Object.assign(show, { end: () => line.stop() });
}

function detailOf(
  { done, failed, total }: CollectCounts,
  begun: { readonly atMs: number; readonly done: number },
  tokens: RecentRate,
): string {
  const nowMs = systemClock.now();
  const left = total - done;
  const seconds = secondsLeft({ startedAtMs: begun.atMs, nowMs, finished: done - begun.done, left });
  const rate = tokens.perSecond(nowMs);
  return [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(seconds === null || left === 0 ? [] : [`about ${formatDuration(seconds)} left`]),
    ...(rate === null ? [] : [`${rate.toFixed(rate < 10 ? 1 : 0)} tokens/s`]),
  ].join(', ');
}

function report(outcome: CollectOutcome, options: ProbeOptions): ExitCode {
  const { total, done, failed } = outcome.counts;
  const goOn = `Type the same command again to go on, or: otherself probe --out ${options.out}`;
  const sentences = {
    complete:
      failed === 0
        ? `All ${total} answers are in ${options.out}.`
        : `${done} of ${total} answers are in ${options.out}, ${failed} failed. ${goOn}`,
    paused: `Paused: ${done} of ${total} answers are stored. ${goOn}`,
    stopped: `Stopped: ${done} of ${total} answers are stored. ${goOn}`,
    broken: `${'error' in outcome ? outcome.error : ''} ${done} of ${total} answers are stored. ${goOn}`,
  };
  printResult({ out: options.out, ...outcome }, sentences[outcome.state], { json: options.json === true });
  return exitCodeOf(outcome);
}
