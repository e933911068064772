import { describe, expect, it } from 'vitest';
import { type AskingPage, askingPage, explainUnreachable } from './explainUnreachable.ts';

const https: AskingPage = { protocol: 'https:', origin: 'https://lab.example', online: true };
const local: AskingPage = { protocol: 'http:', origin: 'http://127.0.0.1:4173', online: true };

function failed(code: string): Error {
  const cause = Object.assign(new Error('connect'), { code });
  return new Error('Connection error.', { cause: new TypeError('fetch failed', { cause }) });
}

describe('explainUnreachable', () => {
  it('knows no page in Node', () => {
    expect(askingPage()).toBeNull();
  });

  it('says in a browser that the server may be absent or may not allow the page', () => {
    const sentence = explainUnreachable(new Error('x'), 'http://127.0.0.1:11434/v1', https);
    expect(sentence).toContain('Either nothing answers there');
    expect(sentence).toContain('OLLAMA_ORIGINS=https://lab.example');
    expect(sentence).toContain(`--allowed-origins '["https://lab.example"]'`);
  });

  it.each([
    ['an https page', https, 'it came over https'],
    ['a local page', local, 'pages may use plain http only to reach their own machine'],
  ])('says that %s may not use plain http to another machine', (_, page, words) => {
    expect(explainUnreachable(new Error('x'), 'http://192.168.0.5:8000/v1', page)).toContain(words);
  });

  it('says that there is no network, unless the server is on this machine', () => {
    const offline = { ...https, online: false };
    expect(explainUnreachable(new Error('x'), 'https://api.openai.com/v1', offline)).toContain('no network');
    expect(explainUnreachable(new Error('x'), 'http://localhost:8080/v1', offline)).not.toContain(
      'no network',
    );
    expect(explainUnreachable(new Error('x'), 'http://[::1]:8080/v1', offline)).not.toContain('no network');
  });

  it.each([
    ['ECONNREFUSED', 'Start the server'],
    ['ENOTFOUND', 'host of http://a.example/v1 is not known'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate'],
    ['ECONNRESET', 'could not be reached (ECONNRESET)'],
  ])('reads %s in Node', (code, words) => {
    expect(explainUnreachable(failed(code), 'http://a.example/v1', null)).toContain(words);
  });
});
