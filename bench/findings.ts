import { reportSteps } from '../src/findings/report/buildReport.ts';
import { type StoredAnswers, Study } from '../src/findings/report/study.ts';
import { rubrics } from '../src/suites/index.ts';
import { largeStudy } from './exampleStudies.ts';
import { describeMachine, median } from './machine.ts';

const rounds = 5;
const choice = { by: 'category', portraits: true, judging: 0 } as const;

/** The report on 20,160 answers of three models with five judgings, in milliseconds of the processor, since the machine may be busy. */
export async function benchFindings(): Promise<void> {
  console.log(`findings: ${describeMachine()}`);
  const stored = storedStudy();
  console.log(`${stored.rollouts.size} answers, ${stored.verdicts.length} verdicts, processor time in ms:`);
  const names: string[] = [];
  const times = new Map<string, number[]>();
  const note = (name: string, ms: number): void => {
    if (!times.has(name)) names.push(name);
    times.set(name, [...(times.get(name) ?? []), ms]);
  };
  for (let round = 0; round < rounds; round++) {
    const startMs = processorMs();
    const study = new Study(stored);
    for (const judging of stored.run.judgings) study.answersOf(judging);
    note('join verdicts (once a run)', processorMs() - startMs);
    const portraitsMs = processorMs();
    if (study.patterns.answers.length === 0) throw new Error('The study has no portraits.');
    note('read portraits (once a run)', processorMs() - portraitsMs);
    for (const visit of ['first', 'next choice']) {
      const beginMs = processorMs();
      let lastMs = beginMs;
      for (const { plain } of reportSteps(study, choice)) {
        const nowMs = processorMs();
        const [name = ''] = 'rows' in plain ? ['one judging'] : Object.keys(plain);
        note(`${visit}: ${name}`, nowMs - lastMs);
        lastMs = nowMs;
      }
      note(`${visit}: all estimates`, processorMs() - beginMs);
    }
  }
  for (const name of names) console.log(`  ${name.padEnd(32)} ${median(times.get(name) ?? []).toFixed(0)}`);
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function storedStudy(): StoredAnswers {
  const { run, rollouts, verdicts } = largeStudy();
  return { run, rollouts: new Map(rollouts.map((rollout) => [rollout.key, rollout])), verdicts, rubrics };
}
