import { describe, expect, it } from 'vitest';
import { resolveLocation } from './resolveLocation.ts';

const resolve = (text: string) => resolveLocation(text, 'http://127.0.0.1:4173/app/');

describe('resolveLocation', () => {
  it.each([
    ['ada/maria', 'https://huggingface.co/ada/maria/resolve/main/'],
    [' ada/maria@v2 ', 'https://huggingface.co/ada/maria/resolve/v2/'],
    ['https://huggingface.co/ada/maria', 'https://huggingface.co/ada/maria/resolve/main/'],
    ['https://huggingface.co/ada/maria/tree/v2', 'https://huggingface.co/ada/maria/resolve/v2/'],
    ['https://huggingface.co/ada/maria/resolve/main/', 'https://huggingface.co/ada/maria/resolve/main/'],
    ['https://files.example/m?x=1', 'https://files.example/m/'],
    ['models/checkpoints/maria', 'http://127.0.0.1:4173/app/models/checkpoints/maria/'],
    ['./models/checkpoints/maria/', 'http://127.0.0.1:4173/app/models/checkpoints/maria/'],
  ])('reads %s', (text, address) => {
    expect(resolve(text)).toBe(address);
  });

  it.each(['', 'maria', 'https://', 'a/b/c', '../models/x', 'ftp://x/y'])('refuses "%s"', (text) => {
    expect(() => resolve(text)).toThrow(/Hugging Face id|not a valid address/);
  });
});
