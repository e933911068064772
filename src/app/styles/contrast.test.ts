import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Scheme = 'light' | 'dark';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const pairs = [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)];
const tokens = new Map(pairs.map(([, name, light, dark]) => [name!, { light: light!, dark: dark! }]));

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string, scheme: Scheme): number {
  const [dim, bright] = [a, b].map((name) => luminance(tokens.get(name)![scheme])).sort((x, y) => x - y);
  return (bright! + 0.05) / (dim! + 0.05);
}

const voices = [...tokens.keys()].filter((name) => name.startsWith('voice-'));
const grounds = ['paper', 'paper-sunk', 'paper-raised'];

describe.each<Scheme>(['light', 'dark'])('colours, %s', (scheme) => {
  it.each(['ink', 'ink-soft', 'accent', 'warn', 'error', ...voices])('%s reads on every ground', (text) => {
    for (const ground of grounds) expect(contrast(text, ground, scheme), ground).toBeGreaterThanOrEqual(4.5);
  });

  it('reads on the accent', () => {
    expect(contrast('on-accent', 'accent', scheme)).toBeGreaterThanOrEqual(4.5);
    expect(contrast('on-accent', 'accent-strong', scheme)).toBeGreaterThanOrEqual(4.5);
  });

  it('shows the edges of fields', () => {
    for (const ground of grounds) expect(contrast('edge', ground, scheme), ground).toBeGreaterThanOrEqual(3);
  });
});

it('has a colour for each voice', () => {
  expect(voices).toHaveLength(8);
});
