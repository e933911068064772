export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * The fetch below the SDK. It takes out the headers by which the SDK describes this machine: nobody asked for
 * them, and each one more has to be allowed by the server before a browser sends the request. And it puts every
 * JSON error where the SDK looks for it, since only some servers wrap theirs in `error`.
 */
export function plainFetch(fetchBelow: Fetch): Fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    for (const name of [...headers.keys()]) {
      if (name.startsWith('x-stainless-') || name === 'user-agent') headers.delete(name);
    }
    const response = await fetchBelow(input, { ...init, headers });
    return response.ok ? response : await wrapError(response);
  };
}

async function wrapError(response: Response): Promise<Response> {
  const text = await response.text();
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  return new Response(wrapped(text), { status, statusText, headers });
}

function wrapped(text: string): string {
  try {
    const body = JSON.parse(text) as unknown;
    if (typeof body !== 'object' || body === null || 'error' in body) return text;
    return JSON.stringify({ error: body });
  } catch {
    return text;
  }
}
