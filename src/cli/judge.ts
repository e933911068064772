import { InputError } from '../core/errors.ts';
import { type JudgingEvent, type JudgingOutcome, judgeRun } from '../core/judging.ts';
import type { Repeat } from '../core/planJudging.ts';
import { systemClock } from '../core/ports/clock.ts';
import type { Judge } from '../core/ports/judge.ts';
import { type Rubric, fitsRun } from '../core/rubric.ts';
import type { Run } from '../core/run.ts';
import type { BatchOmission } from '../judges/batchOmissions.ts';
import { readApiKey } from './apiKey.ts';
import { budgetOf } from './budget.ts';
import { judgeByBatch } from './judgeByBatch.ts';
import { type KnownRubrics, knownRubrics } from './knownRubrics.ts';
import { watchInterrupt } from './interrupt.ts';
import { type ExitCode, exitCodes, printResult, say, startProgress } from './output.ts';
import { openStoredRun, type RunFolder } from './runFolder.ts';

export interface JudgeOptions {
  readonly baseUrl?: string;
  readonly model?: string;
  readonly rubric?: readonly string[];
  readonly rubricFile?: readonly string[];
  readonly concurrency: number;
  readonly perMinute?: number;
  readonly maxTokens: number;
  readonly timeout: number;
  readonly priceIn?: number;
  readonly priceOut?: number;
  readonly budget?: number;
  readonly retryFailed?: boolean;
  /** Further scorings of a share of the answers. */
  readonly repeats?: number;
  readonly repeatShare: number;
  /** Judges no run: tries the judge with answers that ask for scores. */
  readonly injectionCheck?: boolean;
  readonly apiKeyEnv?: string;
  readonly batchOut?: string;
  readonly batchIn?: readonly string[];
  readonly batchLeaveOut?: readonly BatchOmission[];
  readonly json?: boolean;
}

/** Scores a run's answers by each rubric that fits, with a served judge or the built-in rules. */
export async function judge(path: string | undefined, options: JudgeOptions): Promise<ExitCode> {
  const scorer = await createJudge(options);
  if (options.injectionCheck) {
    const { injectionCheck } = await import('./injectionCheck.ts');
    return injectionCheck(scorer, await rubricsToTry(scorer, options), options);
  }
  if (path === undefined) throw new InputError('Name the folder of the run that is to be judged.');
  const folder = await openStoredRun(path);
  const chosen = chooseRubrics(folder.run, scorer, options.rubric, await knownRubrics(options.rubricFile));
  if (options.batchOut !== undefined || options.batchIn !== undefined) {
    return judgeByBatch(folder, scorer.spec, chosen, options);
  }
  const repeats = repeatsOf(options, scorer);
  const passes = chosen.flatMap((rubric) => [undefined, ...repeats].map((repeat) => ({ rubric, repeat })));
  const results: { rubric: string; outcome: JudgingOutcome }[] = [];
  let spent = 0;
  for (const { rubric, repeat } of passes) {
    const outcome = await judgeBy({ rubric, repeat }, scorer, folder, options, spent);
    spent = outcome.counts.spent ?? spent;
    results.push({ rubric: nameOf({ rubric, repeat }), outcome });
    if (outcome.state !== 'complete') break;
  }
  printResult(results, results.map(sentenceOfResult).join('\n'), { json: options.json === true });
  return exitCodeOf(results.map(({ outcome }) => outcome));
}

interface Pass {
  readonly rubric: Rubric;
  readonly repeat: Repeat | undefined;
}

const nameOf = ({ rubric, repeat }: Pass): string =>
  repeat ? `${rubric.id}, repeat ${repeat.nth}` : rubric.id;

function repeatsOf({ repeats = 0, repeatShare: share }: JudgeOptions, { spec }: Judge): Repeat[] {
  if (repeats > 0 && spec.kind === 'rules') {
    throw new InputError('--repeats is for a served judge: the built-in rules say the same every time.');
  }
  return Array.from({ length: repeats }, (_, index) => ({ nth: index + 2, share }));
}

async function createJudge(options: JudgeOptions): Promise<Judge> {
  const { baseUrl, model, maxTokens, concurrency, perMinute, timeout, apiKeyEnv } = options;
  if (baseUrl === undefined) {
    if (model !== undefined)
      throw new InputError(`Say where the judge "${model}" is served with --base-url.`);
    const { RulesJudge } = await import('../judges/rules/rulesJudge.ts');
    const { nodeSandbox } = await import('../judges/rules/sandbox/nodeSandbox.ts');
    return new RulesJudge(nodeSandbox);
  }
  if (model === undefined) throw new InputError('Name the judge that the server is to run with --model.');
  const { OpenAiJudge } = await import('../judges/openai/openAiJudge.ts');
  return new OpenAiJudge(
    { kind: 'openai', baseUrl, model, temperature: 0, maxTokens },
    {
      apiKey: readApiKey(apiKeyEnv),
      concurrency,
      timeoutMs: timeout * 1000,
      ...(perMinute === undefined ? {} : { requestsPerMinute: perMinute }),
    },
  );
}

/** The rubrics that were named or given as files, else the first of each kind that has something to ask of this run. */
function chooseRubrics(
  run: Run,
  { spec }: Judge,
  names: readonly string[] | undefined,
  { own, all }: KnownRubrics,
): Rubric[] {
  const asked = own.length > 0 && !names ? own : [...own, ...all];
  const offered = asked.filter(({ id }) => id.startsWith('rough-') === (spec.kind === 'rules'));
  const fitting = offered.filter((rubric) => fitsRun(rubric, run));
  const chosen = names
    ? names.map((name) => findRubric(fitting, name))
    : own.length > 0
      ? fitting
      : firstOfEachKind(fitting);
  if (chosen.length > 0) return chosen;
  throw new InputError('No rubric of this judge fits the suites of this run.');
}

/** As named or given as files; else the first, by which identity is scored. */
async function rubricsToTry({ spec }: Judge, { rubric, rubricFile }: JudgeOptions): Promise<Rubric[]> {
  const { own, all } = await knownRubrics(rubricFile);
  const fitting = all.filter(({ id }) => id.startsWith('rough-') === (spec.kind === 'rules'));
  if (rubric) return rubric.map((name) => findRubric([...own, ...fitting], name));
  return own.length > 0 ? [...own] : fitting.slice(0, 1);
}

function findRubric(fitting: readonly Rubric[], name: string): Rubric {
  const rubric = fitting.find(({ id }) => id === name);
  if (rubric) return rubric;
  const known = fitting.map(({ id }) => id).join(', ') || 'none';
  throw new InputError(`The rubric "${name}" does not fit this judge and run. Fitting: ${known}.`);
}

function firstOfEachKind(fitting: readonly Rubric[]): Rubric[] {
  const seen = new Set<string>();
  return fitting.filter(({ fits }) => {
    const kinds = fits.join(',');
    return !seen.has(kinds) && seen.add(kinds);
  });
}

async function judgeBy(
  pass: Pass,
  scorer: Judge,
  folder: RunFolder,
  options: JudgeOptions,
  spent: number,
): Promise<JudgingOutcome> {
  const interrupt = watchInterrupt('Every verdict that was paid for is stored.');
  const onEvent = describeTo(pass, options.json === true);
  const [run] = await folder.store.get('runs', [folder.run?.id ?? '']);
  const budget = budgetOf(options, spent);
  try {
    return await judgeRun(run ?? missingRun(folder.path), {
      store: folder.store,
      clock: systemClock,
      judge: scorer,
      rubric: pass.rubric,
      ...(pass.repeat ? { repeat: pass.repeat } : {}),
      ...(budget ? { budget } : {}),
      retryFailed: options.retryFailed === true,
      onEvent,
      signal: interrupt.pause,
    });
  } finally {
    onEvent.end();
    interrupt.release();
  }
}

function missingRun(path: string): never {
  throw new InputError(`${path} holds no run any more.`);
}

function describeTo({ rubric, repeat }: Pass, quiet: boolean) {
  const title = `"${rubric.title}"${repeat ? `, repeat ${repeat.nth}` : ''}`;
  let line = startProgress(0, '', { quiet });
  const show = ({ type, counts }: JudgingEvent): void => {
    if (type === 'planned') {
      if (counts.scored > 0) say(`${counts.scored} answers have a verdict by ${title} already.`);
      line = startProgress(counts.total, `Judging by ${title}`, { quiet });
      return;
    }
    const money = counts.spent === null ? '' : `${counts.spent.toFixed(4)} spent`;
    line.update(
      counts.scored + counts.failed,
      counts.failed > 0 ? `${counts.failed} failed ${money}` : money,
    );
  };
  return Object.assign(show, { end: () => line.stop() });
}

function sentenceOfResult({ rubric, outcome }: { rubric: string; outcome: JudgingOutcome }): string {
  const { scored, failed, total } = outcome.counts;
  const retry = failed > 0 ? ` ${failed} verdicts failed; try them again with --retry-failed.` : '';
  const ends = {
    complete: '',
    stopped: ' Stopped. Type the same command to go on.',
    budget: ' Stopped before the budget would be passed. Raise --budget to go on.',
    broken: ` ${'error' in outcome ? outcome.error : ''}`,
  };
  return `${rubric}: ${scored} of ${total} answers scored.${retry}${ends[outcome.state]}`;
}

function exitCodeOf(outcomes: readonly JudgingOutcome[]): ExitCode {
  if (outcomes.some(({ state }) => state === 'stopped')) return exitCodes.interrupted;
  const whole = outcomes.every(({ state, counts }) => state === 'complete' && counts.scored === counts.total);
  return whole ? exitCodes.done : exitCodes.incomplete;
}
