import { expect, it } from 'vitest';
import type { Sandbox } from '../ports/sandbox.ts';

/** Names by which code reaches out of where it runs, in browsers and in Node. */
const waysOut = [
  ...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport', 'importScripts', 'Request'],
  ...['indexedDB', 'caches', 'navigator', 'location', 'Worker', 'BroadcastChannel', 'postMessage', 'self'],
  ...['process', 'require', 'Buffer', 'setTimeout', 'queueMicrotask', 'eval', 'Function', 'WebAssembly'],
  ...['SharedArrayBuffer', 'ArrayBuffer', 'Uint8Array'],
];

/** What every sandbox has to do with code that is right, wrong or hostile. */
export function describeSandbox(sandbox: Sandbox): void {
  const run = (script: string, args: readonly (readonly unknown[])[] = [[]]) =>
    sandbox({ script, functionName: 'f', args });

  it('gives the results of all calls', async () => {
    const args = [
      [1, [2]],
      ['x', { y: '</script>\u2028"' }],
    ];
    expect(await run('const f = (a, b) => [b, a];', args)).toEqual(args.map(([a, b]) => [b, a]));
    expect(await run('function f() { return undefined }')).toEqual([null]);
  });

  it('lets code print and export', async () => {
    expect(await run('function f() { console.log(1); return 2 } module.exports = { f };')).toEqual([2]);
  });

  it.each([
    ['does not parse', 'function f( {'],
    ['ends in the middle of a comment', 'function f() {} /*'],
    ['throws', 'throw new Error("no")'],
    ['throws when called', 'function f() { throw null }'],
    ['has no such function', 'const g = 1'],
    ['gives what is no plain data', 'function f() { return 1n }'],
  ])('gives nothing for code that %s', async (_, script) => {
    expect(await run(script)).toBeNull();
  });

  it('ends endless loops, also those of promises', async () => {
    expect(await run('function f() { for (;;); }')).toBeNull();
    expect(await run('const again = () => Promise.resolve().then(again); again(); for (;;);')).toBeNull();
  });

  it('offers no way out', async () => {
    const types = waysOut.map((name) => `typeof ${name}`).join(',');
    expect(await run(`function f() { return [${types}] }`)).toEqual([waysOut.map(() => 'undefined')]);
    expect(await run('function f() { return Reflect.ownKeys(globalThis).includes("fetch") }')).toEqual([
      false,
    ]);
    expect(await run('function f() { process.exit(0) }')).toBeNull();
  });

  it('makes no code of strings', async () => {
    const makers = ['[].map', 'async () => 1', 'function* () {}', 'async function* () {}', 'Object.create'];
    for (const maker of makers)
      expect(await run(`function f() { return (${maker}).constructor("return 1")() }`), maker).toBeNull();
  });

  it('shares nothing between two runs', async () => {
    await run('globalThis.left = 1; Array.prototype.map = () => [7]; function f() {}');
    expect(await run('function f() { return typeof left }')).toEqual(['undefined']);
  });

  it('outlives code that takes all memory', { timeout: 60_000 }, async () => {
    const greedy = 'function f() { const all = []; for (;;) all.push(Array(1e6).fill(all.length)); }';
    expect(await run(greedy)).toBeNull();
    expect(await run('function f() { return 1 }')).toEqual([1]);
  });
}
