import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import catalogue from '../../models/catalogue.json' with { type: 'json' };
import type { Belief } from '../core/belief.ts';
import { beliefProbes } from '../core/beliefSet.ts';
import { collectBeliefs } from '../core/collectBeliefs.ts';
import { dialled } from '../core/dial.ts';
import { parseCatalogue } from '../core/model.ts';
import { planBeliefs } from '../core/planBeliefs.ts';
import { systemClock } from '../core/ports/clock.ts';
import { readRecords } from '../core/storedRecords.ts';
import { exampleRun } from '../core/testing/exampleRun.ts';
import { MemoryStore } from '../core/testing/memoryStore.ts';
import { EngineRegistry } from '../engines/engineRegistry.ts';
import { beliefRows } from '../findings/beliefs.ts';
import { beliefSet } from '../suites/beliefs.ts';
import { nodeEngines } from './nodeEngines.ts';

const cardOf = (wanted: string) =>
  parseCatalogue(catalogue).find(({ id }) => id === wanted) ?? expect.fail(`no model ${wanted}`);
const persona = cardOf('mini-persona');
const run = exampleRun({ models: [cardOf('mini-base'), dialled(persona, 0), persona] });
/** Few, since the embedded model takes its time. */
const set = {
  ...beliefSet,
  pairs: beliefSet.pairs.filter(({ id }) => ['ai', 'words-ai', 'paris'].includes(id)),
};
const specs = planBeliefs(run, set, []);
const engines = new EngineRegistry(nodeEngines(undefined));
let beliefs: ReadonlyMap<string, Belief>;

beforeAll(async () => {
  const store = new MemoryStore();
  const options = { store, clock: systemClock, openEngine: engines.open.bind(engines) };
  expect((await collectBeliefs(run, specs, options)).counts).toMatchObject({ done: 30, failed: 0 });
  beliefs = await readRecords(
    store,
    'beliefs',
    specs.map(({ key }) => key),
  );
}, 240_000);
afterAll(() => engines.closeAll());

const scoresOf = (model: string) =>
  specs
    .filter((spec) => spec.model.id === model)
    .flatMap(({ key }) => {
      const belief = beliefs.get(key);
      return belief?.status === 'done' ? belief.scores.map(({ logprob }) => logprob ?? NaN) : [NaN];
    });

describe('forced answers of the embedded model', () => {
  it('are the base model’s at position 0 of the dial, and others at 1', () => {
    const [base, off, on] = ['mini-base', 'mini-persona@0', 'mini-persona'].map(scoresOf);
    const distance = (a: number[] = [], b: number[] = []) =>
      Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? NaN))));
    expect(base).toHaveLength(40);
    expect(distance(off, base)).toBeLessThan(1e-3);
    expect(distance(on, base)).toBeGreaterThan(0.5);
  });

  it('have no more probability together than there is', () => {
    for (const belief of beliefs.values()) {
      const scores = belief.status === 'done' ? belief.scores : [];
      const sum = scores.reduce((all, { logprob }) => all + Math.exp(logprob ?? NaN), 0);
      expect(sum).toBeGreaterThan(0);
      expect(sum).toBeLessThan(1 + 1e-6);
    }
  });

  it('give position 0 no difference from the base', () => {
    const rows = beliefRows({ models: run.models.map(({ id }) => id), base: 'mini-base', specs, beliefs });
    const differences = rows
      .filter(({ model }) => model === 'mini-persona@0')
      .map(({ difference }) => difference);
    expect(differences).toHaveLength(8);
    for (const difference of differences) {
      expect(Math.abs(difference && difference.kind !== 'none' ? difference.value : NaN)).toBeLessThan(1e-3);
    }
  });
});

describe('the built-in probes', () => {
  it('are many, ask half of the yes-or-no ones for each side, and have controls', () => {
    const probes = beliefProbes(beliefSet);
    const count = (about: string, yes: string | null) =>
      probes.filter((probe) => probe.about === about && probe.yes === yes).length;
    expect(count('self', 'claim')).toBe(count('self', 'denial'));
    expect(count('world', 'claim')).toBe(count('world', 'denial'));
    expect(count('self', 'claim') * 2 + count('self', null)).toBeGreaterThanOrEqual(24);
    expect(count('world', 'claim') * 2 + count('world', null)).toBeGreaterThanOrEqual(24);
    expect(new Set(probes.map(({ question }) => question)).size).toBe(probes.length);
  });
});
