import type { DeviceImport, ImportTally } from '../../core/importDevice.ts';
import type { ImportOutcome } from '../../core/importRun.ts';
import { formatCount } from './formatCount.ts';

/** What came of importing a run, as sentences. */
export function describeRunImport({ run, isNew, added, differing }: ImportOutcome): string {
  const { rollouts, verdicts, beliefs } = added;
  const isKnown = !isNew && rollouts + verdicts + beliefs === 0;
  const forced = beliefs > 0 ? [formatCount(beliefs, 'forced answer')] : [];
  const parts = [formatCount(rollouts, 'answer'), formatCount(verdicts, 'verdict'), ...forced];
  const news = isKnown
    ? `“${run.name}” is here already, with all that the file holds.`
    : `“${run.name}”: ${parts.slice(0, -1).join(', ')} and ${parts.at(-1)} added.`;
  if (differing === 0) return news;
  const verb = differing === 1 ? 'differs' : 'differ';
  return `${news} ${formatCount(differing, 'answer')} of the file ${verb} from stored ones, which were kept.`;
}

/** What came of importing everything, as sentences. */
export function describeDeviceImport({ tallies, strays, problems }: DeviceImport): string {
  const added = listOf(tallies, 'added');
  const updated = listOf(tallies, 'updated');
  const known = listOf(tallies, 'known');
  const kept = listOf(tallies, 'kept');
  return [
    added ? `Added: ${added}.` : 'Nothing was added.',
    ...(updated ? [`Brought up to date: ${updated}.`] : []),
    ...(known ? [`Here already: ${known}.`] : []),
    ...(kept ? [`Different here, and left as they are: ${kept}.`] : []),
    ...(strays > 0
      ? [`Left out, since no run or talk of the file has asked them: ${formatCount(strays, 'record')}.`]
      : []),
    ...problems,
  ].join(' ');
}

const nouns = {
  runs: 'run',
  rollouts: 'answer',
  verdicts: 'verdict',
  beliefs: 'forced answer',
  suites: 'suite',
  rubrics: 'rubric',
  models: 'model',
  chats: 'chat',
  talks: 'talk',
  settings: 'setting',
} satisfies Record<keyof DeviceImport['tallies'], string>;

function listOf(tallies: DeviceImport['tallies'], fate: keyof ImportTally): string {
  const collections = Object.keys(nouns) as (keyof typeof nouns)[];
  const counts = collections.filter((name) => tallies[name][fate] > 0);
  return counts.map((name) => formatCount(tallies[name][fate], nouns[name])).join(', ');
}
