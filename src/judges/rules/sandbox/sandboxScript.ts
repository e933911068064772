import type { SandboxCall } from '../../../core/ports/sandbox.ts';

/**
 * What the language itself has. Buffers are not among it: their memory is outside of what an engine limits.
 */
const kept = [
  ...['Array', 'BigInt', 'Boolean', 'Date', 'Error', 'Infinity', 'Intl', 'Iterator', 'JSON', 'Map', 'Math'],
  ...['NaN', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError', 'ReferenceError', 'Reflect', 'RegExp'],
  ...['Set', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'URIError', 'WeakMap', 'WeakSet', 'globalThis'],
  ...[
    'decodeURI',
    'decodeURIComponent',
    'encodeURI',
    'encodeURIComponent',
    'isFinite',
    'isNaN',
    'parseFloat',
  ],
  ...['parseInt', 'undefined'],
];

/**
 * Takes from a global scope all that is not the language, and from the language what makes code of strings. Answers
 * often print or export: that does nothing, and is no failure.
 */
const strip = `{
  const kept = new Set(${JSON.stringify(kept)});
  const makers = [function () {}, async function () {}, function* () {}, async function* () {}];
  for (const maker of makers)
    Object.defineProperty(Object.getPrototypeOf(maker), 'constructor', { value: undefined });
  for (let scope = globalThis; scope && scope !== Object.prototype; scope = Object.getPrototypeOf(scope))
    for (const name of Reflect.ownKeys(scope)) if (!kept.has(name)) delete scope[name];
  globalThis.console = new Proxy({}, { get: () => () => undefined });
}
var module = { exports: {} }, exports = module.exports;
`;

/** A whole script whose last expression is the results as JSON, given to the function `report` where there is one. */
export function sandboxScript({ script, functionName, args }: SandboxCall, report = ''): string {
  const calls = JSON.stringify(JSON.stringify(args));
  return `${strip}${script}\n;${report}(JSON.stringify(JSON.parse(${calls}).map((args) => ${functionName}(...args))))`;
}

/** Null for what is no list of results. */
export function readResults(text: unknown): readonly unknown[] | null {
  try {
    const results: unknown = typeof text === 'string' ? JSON.parse(text) : null;
    return Array.isArray(results) ? results : null;
  } catch {
    return null;
  }
}
