import { describe, expect, it } from 'vitest';
import { exampleRunFile } from '../core/testing/exampleRunFile.ts';
import { escapeHtml } from './escapeHtml.ts';
import { writeHandout } from './handout.ts';

const data = exampleRunFile();
const html = writeHandout(data);
const done = data.rollouts.flatMap((rollout) => (rollout.status === 'done' ? [rollout] : []));

describe('writeHandout', () => {
  it('holds every answer under its question, and the settings', () => {
    expect(done.length).toBeGreaterThan(2);
    expect(html.match(/<blockquote>/g)).toHaveLength(done.length);
    for (const { text, prompt } of done) {
      expect(html).toContain(escapeHtml(text.trim() || '(nothing)'));
      expect(html.indexOf(`<h2>${escapeHtml(prompt)}</h2>`)).toBeGreaterThan(0);
    }
    expect(html).toContain(`<dt>Seed</dt><dd>${data.run.seed}</dd>`);
  });

  it('says how many answers and prompts are missing', () => {
    const failed = data.rollouts.length - done.length;
    expect(failed).toBeGreaterThan(0);
    expect(html).toContain(`${failed} could not be had`);
    const [first] = done;
    const short = writeHandout({ run: data.run, rollouts: first ? [first] : [] });
    expect(short).toContain('1 answer to 1 prompt.');
    expect(short).toContain(`${data.run.prompts.length - 1} prompts without an answer`);
  });

  it('runs nothing and fetches nothing, whatever a model says', () => {
    const hostile = done.map((rollout) => ({
      ...rollout,
      text: '<img src=x onerror=alert(1)></p><script>1',
    }));
    const page = writeHandout({ run: { ...data.run, name: '<b>' }, rollouts: hostile });
    expect(page).not.toMatch(/<script|<img|<b>|<link|<a |url\(/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).toContain("default-src 'none'");
  });
});
