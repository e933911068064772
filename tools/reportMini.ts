import { readFile, writeFile } from 'node:fs/promises';
import { alignTable } from '../src/cli/alignTable.ts';
import { readReport } from '../src/cli/report.ts';
import type { Section } from '../src/findings/report/section.ts';
import { miniEnd, miniFolder, miniLanes } from './findings/miniCommands.ts';

/** Writes the numbers into docs/findings/mini.md: `npx tsx tools/reportMini.ts`. What stands between them stays. */
const file = 'docs/findings/mini.md';
/** `<!-- make: WHAT -->` … `<!-- made -->` */
const blocks = /(<!-- make: (.+) -->\n)[\s\S]*?(<!-- made -->)/g;

/** As many as one reads at a glance. */
const shortRows = 9;

type Makers = ReadonlyMap<string, string>;

async function reportMini(): Promise<void> {
  const makers: Makers = new Map([
    ['commands', fenced([...miniLanes.flat(), ...miniEnd].map((command) => `otherself ${command}`))],
    ...(await sectionsOf('mini', { portraits: true })),
    ...(await sectionsOf('judged', { portraits: true })),
    ...(await sectionsOf('capability', {})),
    ...(await Promise.all(['large', 'small'].map(injectionsOf))),
  ]);
  const text = await readFile(file, 'utf8');
  const made = new Set<string>();
  const next = text.replace(blocks, (_, open: string, what: string, close: string) => {
    const block = makers.get(what);
    if (block === undefined) {
      throw new Error(`${file} asks for "${what}". There is:\n${[...makers.keys()].join('\n')}`);
    }
    made.add(what);
    return `${open}\n${block}\n\n${close}`;
  });
  const lacking = [...makers.keys()].filter((what) => !made.has(what));
  if (lacking.length > 0) throw new Error(`${file} has no place for:\n${lacking.join('\n')}`);
  await writeFile(file, next);
}

const fenced = (lines: readonly string[]): string => ['```', ...lines, '```'].join('\n');

/** Each section of a run's report by `RUN: TITLE`. */
async function sectionsOf(
  run: string,
  choice: { readonly portraits?: boolean },
): Promise<(readonly [string, string])[]> {
  const { told } = await readReport(`${miniFolder}/${run}`, { by: 'category', ...choice });
  return told.sections.map((section) => [`${run}: ${section.title}`, markdownOf(section)] as const);
}

/** Its first sentences and its table, a long one folded; how it was reckoned is in the report itself. */
function markdownOf({ claims = [], columns, rows, gaps = [] }: Section): string {
  const table = rows.length > 0 ? [foldLong(fenced([alignTable([columns, ...rows])]), rows.length)] : [];
  const list = claims.slice(0, 3).map((claim) => `- ${claim}`);
  return [...(list.length > 0 ? [list.join('\n')] : []), ...table, ...gaps].join('\n\n');
}

function foldLong(table: string, rows: number): string {
  return rows <= shortRows ? table : `<details><summary>${rows} rows</summary>\n\n${table}\n\n</details>`;
}

interface Injections {
  readonly text: readonly string[];
}

async function injectionsOf(judge: string): Promise<readonly [string, string]> {
  const [result] = JSON.parse(
    await readFile(`${miniFolder}/injections-${judge}.json`, 'utf8'),
  ) as Injections[];
  return [`injections: ${judge}`, (result?.text ?? []).map((sentence) => `- ${sentence}`).join('\n')];
}

await reportMini();
