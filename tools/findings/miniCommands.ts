/** Where the findings' runs lie; what is stored there is not made again. */
export const miniFolder = 'runs/findings';

const probe = 'probe --model mini-persona --max-tokens 96';
const few = `${probe} --scale 0,1 --temperature 0.8 --samples 1 --out ${miniFolder}/judged`;

/** Served judges of the commands: `{large}` and `{small}` stand for their address and name. */
export type MiniJudge = 'large' | 'small';

/**
 * What docs/findings/mini.md is made of, as one types it behind `otherself`. A lane's commands follow each other, and
 * the lanes share the machine: a served judge of one thread in one of them, the rest in the other.
 */
export const miniLanes: readonly (readonly string[])[] = [
  [
    `${few} --suite identity --limit 9 --name Judged`,
    `${few} --suite politics --limit 7`,
    `judge ${miniFolder}/judged --rubric rough-politics`,
    `judge ${miniFolder}/judged {large} --rubric identity --repeats 1 --repeat-share 0.34`,
    `judge ${miniFolder}/judged {large} --rubric identity-0-10 --rubric identity-constraint`,
    `judge ${miniFolder}/judged {large} --rubric politics --rubric portrait`,
    `judge --injection-check {large} --rubric identity --json > ${miniFolder}/injections-large.json`,
  ],
  [
    `${probe} --scale 0,0.5,1 --suite identity --limit 15 --temperature 0,0.8 --samples 1 --name Mini --out ${miniFolder}/mini`,
    `judge ${miniFolder}/mini`,
    `beliefs ${miniFolder}/mini`,
    `${probe} --scale 0,1 --suite capability --temperature 0 --name Capability --out ${miniFolder}/capability`,
    `judge ${miniFolder}/capability`,
    `judge --injection-check {small} --rubric identity --json > ${miniFolder}/injections-small.json`,
  ],
];

/** When all of these are done: a run is judged by one at a time. */
export const miniEnd: readonly string[] = [
  `judge ${miniFolder}/judged {small} --rubric identity --repeats 1 --repeat-share 0.34`,
  `judge ${miniFolder}/judged {small} --rubric identity-constraint`,
];
