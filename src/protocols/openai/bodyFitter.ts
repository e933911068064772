/** A chat completion's body, as far as it is changed here. */
export type ChatBody = Readonly<Record<string, unknown>>;

interface Change {
  /** The parameter that was refused. */
  readonly parameter: string;
  readonly appliesTo: (body: ChatBody) => boolean;
  readonly apply: (body: ChatBody) => ChatBody;
  /** Null where the change means the same to the server. */
  readonly note: ((body: ChatBody) => string) | null;
}

const leaveOut = (parameter: string, effect: string): Change => ({
  parameter,
  appliesTo: (body) => parameter in body,
  apply: (body) => without(body, parameter),
  note: (body) =>
    `The server refused the parameter ${parameter} (${JSON.stringify(body[parameter])}), so it was left out: ${effect}.`,
});

const asJsonObject: Change = {
  parameter: 'response_format',
  appliesTo: (body) => (body.response_format as { type?: unknown } | undefined)?.type === 'json_schema',
  apply: (body) => ({ ...body, response_format: { type: 'json_object' } }),
  note: () => 'The server refused a JSON schema, so it was only asked for JSON.',
};

const changes: readonly Change[] = [
  {
    parameter: 'max_tokens',
    appliesTo: (body) => 'max_tokens' in body,
    // Never left out altogether: an answer without a limit can cost anything.
    apply: ({ max_tokens: limit, ...body }) => ({ ...body, max_completion_tokens: limit }),
    note: null,
  },
  asJsonObject,
  {
    parameter: 'response_format',
    appliesTo: (body) => 'response_format' in body && !asJsonObject.appliesTo(body),
    apply: (body) => without(body, 'response_format'),
    note: () => 'The server refused to be held to JSON, so only the instructions ask for it.',
  },
  leaveOut('temperature', "the server's own default was used"),
  leaveOut('top_p', "the server's own default was used"),
  leaveOut('seed', 'the same request may give another text'),
  leaveOut('stop', 'the answer was cut at the stop texts after it came'),
  leaveOut('repetition_penalty', 'the answer may repeat itself more'),
  // The same under llama.cpp's names, so a server that refuses these may know the other.
  { ...leaveOut('repeat_penalty', ''), note: null },
  { ...leaveOut('repeat_last_n', ''), note: null },
  leaveOut('top_logprobs', 'it tells log-probabilities of its own words only'),
  leaveOut('logprobs', 'it tells no log-probabilities'),
  { ...leaveOut('stream_options', ''), note: null },
];

/**
 * Remembers which parameters a server refuses, and leaves them out of every later request. One object per server
 * and model.
 */
export class BodyFitter {
  readonly #learned = new Set<Change>();

  fit(body: ChatBody): { readonly body: ChatBody; readonly notes: string[] } {
    const notes: string[] = [];
    let fitted = body;
    for (const change of changes) {
      if (!this.#learned.has(change) || !change.appliesTo(fitted)) continue;
      if (change.note) notes.push(change.note(fitted));
      fitted = change.apply(fitted);
    }
    return { body: fitted, notes };
  }

  /**
   * Reads the refusal of a body that was sent. True when sending it again, fitted anew, has a point: a parameter
   * was named that the body had. Each time the body loses one, so this ends.
   */
  learn(sent: ChatBody, refusal: { readonly param?: unknown; readonly message?: unknown }): boolean {
    const change = changes.find(
      (candidate) =>
        candidate.appliesTo(sent) && isNamed(candidate.parameter, refusal.param, refusal.message),
    );
    if (change) this.#learned.add(change);
    return change !== undefined;
  }
}

function isNamed(parameter: string, param: unknown, message: unknown): boolean {
  const words = typeof message === 'string' ? message : '';
  // A limit that is only too high is no reason to ask under another name.
  if (parameter === 'max_tokens') return words.includes('max_completion_tokens');
  if (typeof param === 'string' && param !== '')
    return param === parameter || param.startsWith(`${parameter}.`);
  if (parameter === 'response_format')
    return /response_format|json_schema|json schema|structured output/i.test(words);
  // "stop" and "seed" are also words, so they count only as names: quoted, or where the server lists them.
  return new RegExp(`["'\`]${parameter}["'\`]|\\b${parameter}[:=]|parameters?:? ${parameter}\\b`).test(words);
}

function without(body: ChatBody, parameter: string): ChatBody {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== parameter));
}
