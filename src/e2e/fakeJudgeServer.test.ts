import { afterEach, describe, expect, it } from 'vitest';
import { type FakeJudgeServer, type JudgeFault, startFakeJudgeServer } from './fakeJudgeServer.ts';

let server: FakeJudgeServer | undefined;
afterEach(() => server?.close());

const schema = {
  properties: {
    reason: { type: 'string' },
    claim: { type: 'integer', minimum: 0, maximum: 10 },
    refused: { type: 'boolean' },
  },
};

async function judge(baseUrl: string): Promise<Response> {
  return fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { Authorization: 'Bearer key' },
    body: JSON.stringify({ model: 'm', messages: [], response_format: { json_schema: { schema } } }),
  });
}

async function contentOf(response: Response): Promise<string> {
  return ((await response.json()) as { choices: [{ message: { content: string } }] }).choices[0].message
    .content;
}

describe('the fake judge', () => {
  it('scores by the schema it was sent, and notes what was asked', async () => {
    server = await startFakeJudgeServer('good');
    const content = JSON.parse(await contentOf(await judge(server.baseUrl))) as unknown;
    expect(content).toEqual({ reason: expect.any(String) as string, claim: 5, refused: true });
    expect(server.requests).toMatchObject([{ authorization: 'Bearer key', body: { model: 'm' } }]);
  });

  it('meets its faults in order, then the last one', async () => {
    server = await startFakeJudgeServer('too many requests', 'server error', 'good');
    const statuses = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await judge(server.baseUrl)).status);
    expect(statuses).toEqual([429, 500, 200, 200]);
  });

  it.each<[JudgeFault, number, string]>([
    ['wrong key', 401, 'application/json'],
    ['html error page', 502, 'text/html'],
    ['prose', 200, 'application/json'],
  ])('answers "%s" with %i', async (fault, status, type) => {
    server = await startFakeJudgeServer(fault);
    const response = await judge(server.baseUrl);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
  });

  it('leaves out what a browser needs, or the whole answer', async () => {
    server = await startFakeJudgeServer('no cors', 'hang up');
    expect((await judge(server.baseUrl)).headers.get('access-control-allow-origin')).toBeNull();
    await expect(judge(server.baseUrl)).rejects.toThrow();
    server.script('out of range');
    expect(JSON.parse(await contentOf(await judge(server.baseUrl)))).toMatchObject({ claim: 100 });
  });
});
