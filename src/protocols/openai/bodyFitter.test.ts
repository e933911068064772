import { describe, expect, it } from 'vitest';
import { BodyFitter } from './bodyFitter.ts';

const body = {
  model: 'm',
  temperature: 0,
  max_tokens: 300,
  stop: ['###'],
  response_format: { type: 'json_schema', json_schema: { name: 'verdict' } },
};

describe('BodyFitter', () => {
  it('changes nothing before it has learned', () => {
    expect(new BodyFitter().fit(body)).toEqual({ body, notes: [] });
  });

  it('goes from a schema to JSON to nothing', () => {
    const fitter = new BodyFitter();
    const refusal = { message: 'response_format is not supported' };
    expect(fitter.learn(fitter.fit(body).body, refusal)).toBe(true);
    expect(fitter.fit(body).body.response_format).toEqual({ type: 'json_object' });
    expect(fitter.learn(fitter.fit(body).body, { param: 'response_format.type' })).toBe(true);
    expect(fitter.fit(body).body).not.toHaveProperty('response_format');
    expect(fitter.fit(body).notes).toHaveLength(2);
    expect(fitter.learn(fitter.fit(body).body, refusal)).toBe(false);
  });

  it('keeps the token limit under its other name, and only when that is named', () => {
    const fitter = new BodyFitter();
    expect(fitter.learn(body, { param: 'max_tokens', message: 'max_tokens must be at most 200' })).toBe(
      false,
    );
    expect(fitter.learn(body, { message: "Use 'max_completion_tokens' instead of 'max_tokens'." })).toBe(
      true,
    );
    const fitted = fitter.fit(body);
    expect(fitted.body).toMatchObject({ max_completion_tokens: 300 });
    expect(fitted.body).not.toHaveProperty('max_tokens');
    expect(fitted.notes).toEqual([]);
    expect(
      fitter.learn(fitted.body, { param: 'max_completion_tokens', message: 'max_completion_tokens' }),
    ).toBe(false);
  });

  it.each([
    ['Please stop sending so much. The seed of doubt is in your temperature.', false],
    ["Unsupported parameter: 'stop'", true],
    ['Unknown parameter: temperature', true],
    ['"temperature" is not allowed', true],
    ['messages: roles must alternate', false],
  ])('reads "%s"', (message, expected) => {
    expect(new BodyFitter().learn(body, { message })).toBe(expected);
  });

  it('says what it left out, with its value', () => {
    const fitter = new BodyFitter();
    fitter.learn(body, { param: 'temperature' });
    expect(fitter.fit(body).notes).toEqual([
      "The server refused the parameter temperature (0), so it was left out: the server's own default was used.",
    ]);
    expect(fitter.fit({ model: 'm' }).notes).toEqual([]);
  });
});
