import { buildJudgePrompt } from './judgePrompt.ts';
import type { JudgeRequest } from './ports/judge.ts';
import { type Rubric, signalsFor } from './rubric.ts';
import type { Verdict } from './verdict.ts';
import type { JudgeJob } from './verdictOf.ts';

/** In the user's currency, per million tokens. There is no price table: prices change, and the user knows hers. */
export interface Prices {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

export interface TokenUse {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What a judging will take. `high` is a bound for each call; `likely` is what to expect. */
export interface JudgingEstimate {
  readonly calls: number;
  readonly likely: TokenUse;
  readonly high: TokenUse;
  /** `verdicts`: from what this judge used before. `characters`: from the length of the texts. */
  readonly basis: 'verdicts' | 'characters';
}

/** English has about four characters a token in every common vocabulary. */
const charsPerToken = 4;
/** No common vocabulary spends a token on less than two bytes of prose, in any language. */
const fewestBytesPerToken = 2;
/** A reason of one sentence. */
const reasonTokens = 36;
/** A key, and a score or a few words. */
const signalTokens = 8;
/** Fewer measured calls say little about the next ones. */
const enoughVerdicts = 10;

const anyFence = 'x'.repeat(16);

export function moneyOf(use: TokenUse, prices: Prices): number {
  return (use.inputTokens * prices.inputPerMillion + use.outputTokens * prices.outputPerMillion) / 1e6;
}

/** What stored verdicts cost; a reply that was not counted, and a lost try, at the worst, as a budget takes them. */
export function spentOn(
  jobs: readonly JudgeJob[],
  { rubric, prices, maxTokens }: { rubric: Rubric; prices: Prices; maxTokens: number },
): number {
  return jobs.reduce((sum, { stored, prompt, rollout }) => {
    if (!stored) return sum;
    const { inputTokens, outputTokens, raw, lostTries = 0 } = stored;
    const isCounted = inputTokens !== null && outputTokens !== null;
    const counted = isCounted ? moneyOf({ inputTokens, outputTokens }, prices) : 0;
    const uncounted = lostTries + (isCounted || raw === '' ? 0 : 1);
    if (uncounted === 0) return sum + counted;
    const worst = worstCase({ rubric, prompt, answer: rollout.text }, maxTokens);
    return sum + counted + uncounted * moneyOf(worst, prices);
  }, 0);
}

/** The most tokens that one call can use. */
export function worstCase(request: JudgeRequest, maxTokens: number): TokenUse {
  return worstCaseOf(promptText(request), maxTokens);
}

function worstCaseOf(text: string, maxTokens: number): TokenUse {
  const bytes = new TextEncoder().encode(text).length;
  return { inputTokens: Math.ceil(bytes / fewestBytesPerToken), outputTokens: maxTokens };
}

/** Estimates the calls still to be made; `known` are verdicts of the same rubric and judge. */
export function estimateJudging(
  requests: readonly JudgeRequest[],
  options: { readonly maxTokens: number; readonly known?: readonly Verdict[] },
): JudgingEstimate {
  const { maxTokens, known = [] } = options;
  const texts = requests.map(promptText);
  const worst = texts.map((text) => worstCaseOf(text, maxTokens));
  const chars = texts.reduce((sum, text) => sum + text.length, 0);
  const measured = known.flatMap(({ inputTokens, outputTokens }) =>
    inputTokens === null || outputTokens === null ? [] : [{ inputTokens, outputTokens }],
  );
  const outputTokens = requests.reduce(
    (sum, { rubric, prompt }) => sum + reasonTokens + signalTokens * signalsFor(rubric, prompt).length,
    0,
  );
  const isMeasured = measured.length >= enoughVerdicts;
  const perCall = (field: keyof TokenUse): number =>
    (sumOf(measured, field) / measured.length) * requests.length;
  return {
    calls: requests.length,
    likely: {
      inputTokens: Math.round(isMeasured ? perCall('inputTokens') : chars / charsPerToken),
      outputTokens: Math.round(isMeasured ? perCall('outputTokens') : outputTokens),
    },
    high: { inputTokens: sumOf(worst, 'inputTokens'), outputTokens: sumOf(worst, 'outputTokens') },
    basis: isMeasured ? 'verdicts' : 'characters',
  };
}

function promptText(request: JudgeRequest): string {
  const { system, user, schema } = buildJudgePrompt({ ...request, fence: anyFence });
  return `${system}${user}${JSON.stringify(schema)}`;
}

function sumOf(uses: readonly TokenUse[], field: keyof TokenUse): number {
  return uses.reduce((sum, use) => sum + use[field], 0);
}
