import type { Plugin } from 'vite';

/**
 * What the page may load. Everything is the site's own, with two exceptions: a judge or a served model stands at
 * an address that the user types in, so `connect-src` allows any https address, and http on this machine (`*`
 * is the port). `wasm-unsafe-eval` lets WebAssembly compile; it does not allow `eval`.
 */
const policy: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'none'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'", 'https:', 'http://127.0.0.1:*', 'http://localhost:*'],
  // Answers that are code are run in a worker of no origin, under this policy too (judges/rules/sandbox).
  'worker-src': ["'self'", 'data:'],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};

function policyText(directives: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}

/** For any static host: browsers read everything but `frame-ancestors` from a meta element. */
export const metaPolicy = policyText(policy);

/** The last two isolate the page, which is what lets WebAssembly use threads. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': policyText({ ...policy, 'frame-ancestors': ["'none'"] }),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Vite's development client writes style elements and talks over a web socket. */
export const developmentHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  'Content-Security-Policy': policyText({
    ...policy,
    'style-src': ["'self'", "'unsafe-inline'"],
    'connect-src': [...(policy['connect-src'] ?? []), 'ws:'],
  }),
};

/** Writes the policy into the built page, and `_headers` for the static hosts that read such a file. */
export function securityHeadersPlugin(): Plugin {
  const lines = Object.entries(securityHeaders).map(([name, value]) => `  ${name}: ${value}`);
  return {
    name: 'otherself-security-headers',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: metaPolicy },
        injectTo: 'head-prepend',
      },
    ],
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '_headers', source: ['/*', ...lines, ''].join('\n') });
    },
  };
}
