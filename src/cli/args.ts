import { InvalidArgumentError } from 'commander';

/** Parses a number within bounds; commander turns the error into a sentence naming the option. */
export function numberIn(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < low || value > high) {
      throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`);
    }
    return value;
  };
}

export function integerIn(low: number, high: number): (text: string) => number {
  const parse = numberIn(low, high);
  return (text) => {
    const value = parse(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('Give a whole number.');
    return value;
  };
}

/** Parses "0,0.8" into distinct numbers within bounds. */
export function numbersIn(low: number, high: number): (text: string) => number[] {
  const parse = numberIn(low, high);
  return (text) => [...new Set(text.split(',').map(parse))];
}

/** Collects a repeatable option whose values may also be separated by commas. */
export function collectList(text: string, previous: readonly string[] = []): string[] {
  return [...previous, ...text.split(',').map((part) => part.trim())].filter((part) => part !== '');
}

/** As {@link collectList}, for values out of a list. */
export function collectNames(known: readonly string[]) {
  return (text: string, previous?: readonly string[]): string[] => {
    const names = collectList(text, previous);
    if (names.every((name) => known.includes(name))) return names;
    throw new InvalidArgumentError(`Known: ${known.join(', ')}.`);
  };
}

/** Collects a repeatable option whose values may hold commas. */
export function collectTexts(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text];
}

export function webAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new InvalidArgumentError('Give a full address, such as http://127.0.0.1:8000/v1.');
  }
  return text.replace(/\/+$/, '');
}
