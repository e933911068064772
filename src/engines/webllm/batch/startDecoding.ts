import type { DecodeToken } from '../../batching/answer.ts';

/**
 * Text of tokens as web-llm 0.2.86 makes it: all tokens are decoded anew each time, and half a character waits for
 * its other half; at the end of an answer it is left out.
 */
export function startDecoding(decode: (ids: Int32Array) => string): DecodeToken {
  const tokens: number[] = [];
  let length = 0;
  return (token) => {
    tokens.push(token);
    const decoded = decode(Int32Array.from(tokens));
    // An unfinished character decodes to replacement signs. Four in a row are text of their own: no character is longer.
    const signs = decoded.length - decoded.replace(/\uFFFD+$/, '').length;
    if (signs % 4 !== 0) return '';
    const added = decoded.slice(length);
    length = decoded.length;
    return added;
  };
}
