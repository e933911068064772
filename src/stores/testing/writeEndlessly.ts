import { planRollouts } from '../../core/plan.ts';
import { exampleRollout } from '../../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../../core/testing/exampleRun.ts';
import { openJsonlFolder } from '../jsonlFolder.ts';

/**
 * For the test that kills it: stores answers, one by one and three at once, until it is killed, and writes a
 * key to stdout when its answer is stored. Arguments: folder, a number that makes its answers its own.
 */
const [path = '', round = '0'] = process.argv.slice(2);
const prompts = Array.from({ length: 3_000 }, (_, index) => examplePrompt(`p${round}-${index}`));
const run = exampleRun({ prompts, temperatures: [0] });
// Longer than a page, so that a kill can fall inside a line.
const text = 'I am a park ranger. '.repeat(2_000);
const store = await openJsonlFolder(path, { create: true });
if (!(await store.lock('run:killed'))) throw new Error('The lock of the killed process was not taken over.');
const rollouts = planRollouts(run).map((spec) => exampleRollout(spec, { text }));
for (let at = 0; at < rollouts.length;) {
  const some = rollouts.slice(at, at + (at % 10 === 0 ? 3 : 1));
  await store.put(
    'rollouts',
    some.map((rollout) => [rollout.key, rollout]),
  );
  process.stdout.write(some.map(({ key }) => `${key}\n`).join(''));
  at += some.length;
}
