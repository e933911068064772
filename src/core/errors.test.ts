import { afterEach, describe, expect, it } from 'vitest';
import { EngineError, EngineLostError, OtherselfError, reviveError, sentenceOf } from './errors.ts';

describe('an error that crosses to another bundle', () => {
  const { name } = EngineLostError;
  afterEach(() => Object.defineProperty(EngineLostError, 'name', { value: name }));

  it('keeps its name where a bundler has shortened that of its class', () => {
    Object.defineProperty(EngineLostError, 'name', { value: 'i' });
    const error = new EngineLostError('The GPU was lost.');
    expect(error.name).toBe('EngineLostError');
    const revived = reviveError(error.name, error.message);
    expect(revived).toBeInstanceOf(EngineLostError);
    expect(sentenceOf(revived)).toBe('The GPU was lost.');
  });

  it('is of its own kind, and of no other', () => {
    const revived = reviveError(new EngineError('No.').name, 'No.');
    expect(revived).toBeInstanceOf(EngineError);
    expect(revived).not.toBeInstanceOf(EngineLostError);
    expect(reviveError('TypeError', 'x')).not.toBeInstanceOf(OtherselfError);
    expect(reviveError('TypeError', 'x').name).toBe('TypeError');
  });

  it('has a name of its own where nobody else knows its class', () => {
    class StallError extends EngineLostError {}
    expect(new StallError('Too long.').name).toBe('StallError');
  });
});
