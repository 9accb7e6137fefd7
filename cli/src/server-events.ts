/** One event of a stream. */
export interface ServerEvent {
  readonly name: string;
  /** JSON. */
  readonly data: unknown;
}

/** Events of a stream (WHATWG HTML §9.2), as far as Tandem writes them: one line of name, one of data. */
export async function* readEvents(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const match = /^event: (.+)\ndata: (.+)$/.exec(part);
      if (match === null) continue;
      const [, name = '', data = ''] = match;
      yield { name, data: JSON.parse(data) as unknown };
    }
  }
}
