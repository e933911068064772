import { pageTokens } from './sequences.ts';

/** Pages that a prompt of this length fills, the last one perhaps in part. */
export function promptPages(length: number): number {
  return Math.ceil(length / pageTokens);
}

/**
 * Pages of its own that a fork of a prompt fills, up to and with its last token: it gets a copy of the prompt's last
 * page where that is not full.
 */
export function forkPages(promptLength: number, tokens: number): number {
  return Math.ceil(((promptLength % pageTokens) + tokens) / pageTokens);
}
