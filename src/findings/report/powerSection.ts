import type { Rubric } from '../../core/rubric.ts';
import { directionOf, formatDifference, unitOf } from '../formatEstimate.ts';
import { type PowerRow, power } from '../power.ts';
import { placeText } from './placeText.ts';
import type { Section } from './section.ts';

/** Beyond it nobody writes prompts: the number would only say that there is no difference to speak of. */
const mostPrompts = 100_000;

/** What would settle each difference; null where there is none. */
export function powerSection(rubric: Rubric, rows: readonly PowerRow[]): Section | null {
  const [first] = rows;
  if (!first) return null;
  return {
    title: `${rubric.title}: what would settle a difference from ${first.base}`,
    notes: [
      `If the difference is as large as it seems, that many prompts (with the answers a prompt that there are), or that many answers a prompt (with the prompts that there are), find it in ${power * 100} of 100 such runs. “Found from” is what the present run finds that often.`,
    ],
    columns: [
      'model',
      'suite',
      'rows',
      'measure',
      'difference',
      'is',
      'found from',
      'prompts',
      'or answers a prompt',
    ],
    rows: rows.map(({ key, measure, difference, detectable, parts, prompts, samples }) => {
      const unit = unitOf(measure);
      const from = (detectable * (unit === 'percent' ? 100 : 1)).toPrecision(2);
      return [
        ...[key.model, ...placeText(key), measure.label, formatDifference(difference, unit).value],
        directionOf(difference) ?? 'open',
        `${Number(from)}${unit === 'percent' ? ' points' : ''}`,
        prompts === null || prompts > mostPrompts ? 'no number' : `${prompts} (now ${parts.prompts})`,
        samplesText(samples, parts.within),
      ];
    }),
  };
}

function samplesText(samples: number | null, within: number | null): string {
  if (within === null) return 'unknown: one answer a prompt';
  return samples === null ? 'no number: prompts differ' : String(samples);
}
