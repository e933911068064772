import { type BrowserContext, type ConsoleMessage, type Page, test as base, expect } from '@playwright/test';
import { type LlamaServer, hasLlamaServer, startLlamaServer } from '../../tools/llamaServer.ts';
import { serveFolder } from '../../tools/serveFolder.ts';
import { type FakeJudgeServer, startFakeJudgeServer } from './fakeJudgeServer.ts';

interface TestFixtures {
  /** Console errors that the flow brings about on purpose, such as a refusal by CORS. */
  readonly allowedErrors: readonly RegExp[];
  /** Fails the test when a page of its context meets an error or asks another machine for anything. */
  readonly problems: void;
  /** A judge that fails as told; scripted by the test. */
  readonly fakeJudge: FakeJudgeServer;
  /** llama.cpp's real server. Without Python the test that asks for it is skipped. */
  readonly llama: LlamaServer;
}

interface WorkerFixtures {
  /** The production build, under a path that is not the root: it must work under any. */
  readonly appUrl: string;
  readonly llamaServer: LlamaServer | null;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  allowedErrors: [[], { option: true }],

  appUrl: [
    async ({ browserName: _ }, use) => {
      const server = await serveFolder('dist', { host: '127.0.0.1', port: 0, base: '/any/base/' });
      await use(server.url);
      await server.close();
    },
    { scope: 'worker' },
  ],

  // page.goto('./#/chat') opens a screen.
  baseURL: async ({ appUrl }, use) => use(appUrl),

  problems: [
    async ({ context, allowedErrors, appUrl }, use) => {
      const problems = watchForProblems(context, appUrl);
      await use();
      const unexpected = problems.filter(
        (problem) => !allowedErrors.some((allowed) => allowed.test(problem)),
      );
      expect(unexpected, 'errors that the page met').toEqual([]);
    },
    { auto: true },
  ],

  fakeJudge: async ({ browserName: _ }, use) => {
    const judge = await startFakeJudgeServer();
    await use(judge);
    await judge.close();
  },

  llamaServer: [
    async ({ browserName: _ }, use) => {
      const server = hasLlamaServer() ? await startLlamaServer() : null;
      await use(server);
      await server?.stop();
    },
    { scope: 'worker' },
  ],

  llama: async ({ llamaServer }, use, testInfo) => {
    if (!llamaServer) return testInfo.skip(true, 'llama.cpp needs Python, which this machine lacks.');
    await use(llamaServer);
  },
});

export { expect };

/** Collects errors in the console, uncaught ones, refusals by the policy, and requests that leave this machine. */
function watchForProblems(context: BrowserContext, appUrl: string): string[] {
  const problems: string[] = [];
  const watch = (page: Page) => page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  context.on('page', watch);
  context.pages().forEach(watch);
  context.on('console', (message) => {
    if (message.type() === 'error' && !isForeignRefusal(message, appUrl)) problems.push(message.text());
  });
  context.on('request', (request) => {
    if (!/^(https?:\/\/(127\.0\.0\.1|localhost)[:/]|data:|blob:)/.test(request.url())) {
      problems.push(`asked for ${request.url()}`);
    }
  });
  return problems;
}

/** The browser logs each 401, 429 or 500 of a judge as an error; the app is expected to handle those. */
function isForeignRefusal(message: ConsoleMessage, appUrl: string): boolean {
  return message.text().startsWith('Failed to load resource') && !message.location().url.startsWith(appUrl);
}
