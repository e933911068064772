/** The page that asks, where there is one. */
export interface AskingPage {
  readonly protocol: string;
  readonly origin: string;
  readonly online: boolean;
}

/** Null outside of browsers. */
export function askingPage(): AskingPage | null {
  const { location, navigator } = globalThis as {
    location?: { protocol: string; origin: string };
    navigator?: { onLine?: boolean };
  };
  if (!location) return null;
  return { protocol: location.protocol, origin: location.origin, online: navigator?.onLine ?? true };
}

/** Says why no connection came about, and how to get one. */
export function explainUnreachable(
  error: unknown,
  address: string,
  page: AskingPage | null = askingPage(),
): string {
  return page ? explainInBrowser(page, address) : explainInNode(codeOf(error), address);
}

function explainInBrowser(page: AskingPage, address: string): string {
  const { protocol, hostname } = new URL(address);
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === 'http:' && !isLocal) {
    const why = page.protocol === 'https:' ? 'it came over https, and ' : '';
    return `This page cannot reach ${address}: ${why}pages may use plain http only to reach their own machine. Give the server an https address, run it on this machine, or use the command line.`;
  }
  if (!page.online && !isLocal)
    return `There is no network, so ${address} cannot be reached. Connect and try again.`;
  // A browser tells a page nothing more, so that pages cannot explore the network behind it.
  return `The browser could not reach ${address}. Either nothing answers there: start the server, check the address. Or the server does not allow this page (CORS): for Ollama set OLLAMA_ORIGINS=${page.origin} and restart it; in LM Studio turn on CORS in the server's settings; start vLLM with --allowed-origins '["${page.origin}"]'; llama.cpp allows every page unless it was told otherwise.`;
}

function explainInNode(code: string, address: string): string {
  if (code === 'ECONNREFUSED') {
    return `Nothing answers at ${address}: the connection was refused. Start the server, or check the port.`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `The host of ${address} is not known. Check the address and the network.`;
  }
  if (/CERT|SSL|TLS/.test(code)) {
    return `The certificate of ${address} is not trusted (${code}). Check the address, or the server's certificate.`;
  }
  const detail = code === '' ? '' : ` (${code})`;
  return `${address} could not be reached${detail}. Check the address, the server and the network.`;
}

/** Node's code of the innermost cause, as ECONNREFUSED. */
function codeOf(error: unknown): string {
  let code = '';
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') code = cause.code;
    const [first] = cause instanceof AggregateError ? (cause.errors as unknown[]) : [];
    if (first instanceof Error && 'code' in first) code = String(first.code);
  }
  return code;
}
