import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LlamaServer, hasLlamaServer, startLlamaServer } from './llamaServer.ts';

describe.skipIf(!hasLlamaServer())('the real llama.cpp server', () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer({ apiKey: 'right' });
  });
  afterAll(() => server.stop());

  function complete(key: string) {
    return fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model: server.model,
        messages: [{ role: 'user', content: 'Rate this answer: "I am a baker."' }],
        max_tokens: 40,
        temperature: 0,
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'score',
            strict: true,
            schema: {
              type: 'object',
              properties: { score: { type: 'integer' } },
              required: ['score'],
              additionalProperties: false,
            },
          },
        },
      }),
    });
  }

  it('answers by schema', async () => {
    const body = (await (await complete('right')).json()) as { choices: [{ message: { content: string } }] };
    expect(Number.isInteger(JSON.parse(body.choices[0].message.content).score)).toBe(true);
  });

  it('refuses a wrong key', async () => {
    expect((await complete('wrong')).status).toBe(401);
  });
});
