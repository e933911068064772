import { counted } from '../findings/formatEstimate.ts';
import type { ModelCard } from '../core/model.ts';
import { promptKey } from '../core/promptKey.ts';
import type { DoneRollout } from '../core/rollout.ts';
import type { PlannedPrompt } from '../core/run.ts';
import type { RunFile } from '../core/runFile.ts';
import { escapeHtml } from './escapeHtml.ts';
import { figureStyles } from './figureStyles.ts';
import { htmlPage, voiceColour } from './htmlPage.ts';

/** Of one model to one prompt; the others are folded behind a line. */
const shownAtOnce = 2;

export interface HandoutOptions {
  /** What stands between the settings and the answers, by {@link handoutFigures}. */
  readonly figures?: string;
}

/**
 * A run, or a talk, which is one, to be handed out: settings and all answers in one HTML file without scripts. Prompts
 * stand in the run's order and models beside each other; prompts that nobody has answered yet are counted, not listed.
 */
export function writeHandout(
  { run, rollouts }: Pick<RunFile, 'run' | 'rollouts'>,
  options: HandoutOptions = {},
): string {
  const answers = byPrompt(rollouts.filter((rollout): rollout is DoneRollout => rollout.status === 'done'));
  const asked = run.prompts.filter((prompt) => answers.has(promptKey(prompt)));
  const articles = asked.map((prompt) =>
    promptHtml(prompt, run.models, answers.get(promptKey(prompt)) ?? []),
  );
  const body = `<header><h1>${escapeHtml(run.name)}</h1>
<p>What language models answered. ${escapeHtml(describeCounts(run, rollouts, asked.length))}</p></header>
${settingsHtml({ run, rollouts })}
${options.figures ?? ''}
${articles.join('\n')}
<footer><p>These are texts of language models: what they say of themselves is made up. Made with Otherself.</p></footer>`;
  return htmlPage({ title: run.name, body, styles });
}

function byPrompt(rollouts: readonly DoneRollout[]): Map<string, DoneRollout[]> {
  const groups = new Map<string, DoneRollout[]>();
  for (const rollout of rollouts) {
    const group = groups.get(promptKey(rollout)) ?? [];
    group.push(rollout);
    groups.set(promptKey(rollout), group);
  }
  return groups;
}

function describeCounts(run: RunFile['run'], rollouts: RunFile['rollouts'], asked: number): string {
  const failed = rollouts.filter(({ status }) => status === 'failed').length;
  const gaps = [
    ...(failed > 0 ? [`${failed} could not be had`] : []),
    ...(asked < run.prompts.length
      ? [`${counted(run.prompts.length - asked, 'prompt')} without an answer`]
      : []),
  ];
  const all = `${counted(rollouts.length - failed, 'answer')} to ${counted(asked, 'prompt')}.`;
  return gaps.length === 0 ? all : `${all} ${gaps.join('; ')}.`;
}

function settingsHtml({ run, rollouts }: Pick<RunFile, 'run' | 'rollouts'>): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Date', run.createdAt.slice(0, 10)],
    ...run.models.map(({ name, id, base, licence }): [string, string] => [
      name,
      [`${id}, of ${base}`, ...(licence === null ? [] : [`licence ${licence}`])].join('; '),
    ]),
    ['System prompt', run.system === '' ? 'none' : run.system],
    ['Temperature', run.temperatures.join(', ')],
    ['Top-p', String(run.topP)],
    ['Longest answer', `${run.maxTokens} tokens`],
    ['Samples', `${run.samples} at a temperature above 0`],
    ['Seed', String(run.seed)],
    ['Made on', enginesOf(rollouts)],
  ];
  const items = rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<details><summary>Settings</summary><dl>${items.join('')}</dl></details>`;
}

function enginesOf(rollouts: RunFile['rollouts']): string {
  const engines = rollouts.flatMap((rollout) =>
    rollout.status === 'done' ? [`${rollout.engine.library}, ${rollout.engine.device}`] : [],
  );
  return [...new Set(engines)].join('; ') || 'nothing yet';
}

function promptHtml(
  prompt: PlannedPrompt,
  models: readonly ModelCard[],
  answers: readonly DoneRollout[],
): string {
  const columns = models.map((card) => {
    const own = answers.filter(({ model }) => model === card.id);
    return own.length === 0 ? '' : columnHtml(card, own);
  });
  return `<article><h2>${escapeHtml(prompt.text)}</h2>
<div class="voices">${columns.join('')}</div></article>`;
}

function columnHtml({ name, persona, voice }: ModelCard, answers: readonly DoneRollout[]): string {
  const sorted = [...answers].sort((a, b) => a.temperature - b.temperature || a.sample - b.sample);
  const more = sorted.slice(shownAtOnce).map(answerHtml).join('');
  const folded = sorted.length - shownAtOnce;
  return `<section style="--voice:${voiceColour(escapeHtml(voice))}"><h3>${escapeHtml(persona ?? name)}</h3>
${sorted.slice(0, shownAtOnce).map(answerHtml).join('')}
${more === '' ? '' : `<details><summary>${folded} more</summary>${more}</details>`}</section>`;
}

function answerHtml({ text, temperature, sample, finish }: DoneRollout): string {
  const facts = [
    `temperature ${temperature}`,
    ...(temperature === 0 ? [] : [`sample ${sample + 1}`]),
    ...(finish === 'length' ? ['cut at the longest answer'] : []),
  ];
  return `<blockquote><p>${escapeHtml(text.trim() || '(nothing)')}</p><footer>${facts.join(', ')}</footer></blockquote>`;
}

const styles = `${figureStyles}
header p, body > main > footer { color: var(--ink-soft); }
h1 { margin: 2rem 0 0.25rem; font-size: 1.75rem; }
article { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
h2 { margin: 0 0 1rem; max-width: 40rem; font: 600 1.375rem/1.3 Georgia, serif; }
h3 { margin: 0 0 0.5rem; color: var(--voice); font-size: 0.875rem; }
.voices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem 2.5rem; }
.voices > section { min-width: 0; }
blockquote { margin: 0 0 1rem; padding-left: 1rem; border-left: 2px solid var(--voice); break-inside: avoid; }
blockquote p { margin: 0; font: 1.125rem/1.55 Georgia, serif; white-space: pre-wrap; overflow-wrap: anywhere; }
blockquote footer { margin-top: 0.25rem; color: var(--ink-soft); font-size: 0.8125rem; }
summary { padding: 0.5rem 0; color: var(--link); cursor: pointer; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1.5rem; margin: 0.5rem 0; font-size: 0.875rem; }
dt { color: var(--ink-soft); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (width < 40rem) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: 0.5rem; } }
body > main > footer { margin-top: 4rem; font-size: 0.875rem; }
`;
