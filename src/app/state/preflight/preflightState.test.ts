import { describe, expect, it, vi } from 'vitest';
import { type Check, type Finding, PreflightState } from './preflightState.svelte.ts';

const check = (title: string, finding: Finding | Error): Check => ({
  title,
  look: () => (finding instanceof Error ? Promise.reject(finding) : Promise.resolve(finding)),
});
const fine = check('Fonts', { level: 'ok', text: 'Here.' });
const warning = check('Screen', { level: 'warn', text: 'It may sleep.' });
const fault = check('Model', new Error('The file model.onnx is broken.'));

describe('PreflightState', () => {
  it.each([
    [[fine], 'ready'],
    [[fine, warning], 'usable'],
    [[fine, warning, fault], 'broken'],
  ] as const)('sums up %#', async (checks, phase) => {
    const preflight = new PreflightState(checks);
    expect(preflight.phase).toBe('idle');
    const looking = preflight.look();
    expect(preflight.phase).toBe('looking');
    await looking;
    expect(preflight.phase).toBe(phase);
  });

  it('says what a look threw, and looks at the rest', async () => {
    const preflight = new PreflightState([fault, fine]);
    await preflight.look();
    expect(preflight.checks.map(({ state }) => state)).toEqual([
      { state: 'found', finding: { level: 'fail', text: 'The file model.onnx is broken.' } },
      { state: 'found', finding: { level: 'ok', text: 'Here.' } },
    ]);
  });

  it('mends a finding and looks again', async () => {
    let isKept = false;
    const storage: Check = {
      title: 'Storage',
      look: () =>
        Promise.resolve(
          isKept
            ? { level: 'ok', text: 'Kept.' }
            : {
                level: 'warn',
                text: 'Not kept.',
                fix: { label: 'Keep', run: () => Promise.resolve((isKept = true)) },
              },
        ),
    };
    const preflight = new PreflightState([fine, storage]);
    await preflight.look();
    expect(preflight.phase).toBe('usable');
    await preflight.fix(1);
    expect(preflight.phase).toBe('ready');
  });

  it('says why it could not be mended', async () => {
    const fix = { label: 'Mend', run: () => Promise.reject(new Error('The disk is full.')) };
    const preflight = new PreflightState([
      { title: 'Disk', look: () => Promise.resolve({ level: 'fail', text: 'No room.', fix }) },
    ]);
    await preflight.look();
    await preflight.fix(0);
    expect(preflight.checks[0]?.state).toMatchObject({
      finding: { level: 'fail', text: 'The disk is full.' },
    });
  });

  it('stops where it is, and what was not looked at is not called fine', async () => {
    const later = vi.fn<Check['look']>(() => Promise.resolve({ level: 'ok', text: 'Fine.' }));
    const slow: Check = {
      title: 'Model',
      look: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    };
    const preflight = new PreflightState([fine, slow, { title: 'Last', look: later }]);
    const looking = preflight.look();
    await Promise.resolve();
    preflight.stop();
    await looking;
    expect(later).not.toHaveBeenCalled();
    expect(preflight.phase).toBe('idle');
  });
});
