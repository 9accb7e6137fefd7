import type { SwitchApi } from './switch-api.ts';

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What goes on for ever, or signs somebody in. */
const unread = /^\/api\/v1\/(?:live$|sign-in)/;
const MOST = '1000';

/**
 * Reads whatever the API has to read, by its own description: a record of a new kind is among it as soon as it has a route. Of what is
 * read by a name or an id the first of its list is, and each call by its Call-ID, its messages as text and as a capture.
 */
export async function* everythingReadable(
  api: SwitchApi,
  { callIds, phones }: { readonly callIds: readonly string[]; readonly phones: readonly string[] },
): AsyncGenerator<{ readonly path: string; readonly body: string }> {
  const { paths } = (await api.get('/api/v1/openapi.json')) as OpenApi;
  const lists = new Map<string, string>();
  for (const [path, operations] of Object.entries(paths)) {
    if (operations['get'] === undefined || unread.test(path)) continue;
    for (const each of filled(path, { callIds, phones, lists })) {
      const body = await api.bytes(each);
      lists.set(path, body);
      yield { path: each, body };
      if (each.endsWith('/messages')) {
        const capture = `${each}?format=pcap`;
        yield { path: capture, body: await api.bytes(capture) };
      }
    }
  }
}

interface Known {
  readonly callIds: readonly string[];
  readonly phones: readonly string[];
  /** Bodies of routes that were read before, by path. */
  readonly lists: ReadonlyMap<string, string>;
}

function filled(path: string, { callIds, lists, phones }: Known): readonly string[] {
  const parameter = /\{(\w+)\}/.exec(path);
  if (parameter === null) return [path, `${path}?limit=${MOST}`];
  const [text, name = ''] = parameter;
  const first = firstIn(lists.get(path.slice(0, parameter.index - 1)));
  const values = name === 'callId' ? callIds : name === 'phone' ? phones : first;
  return values.map((value) => path.replace(text, encodeURIComponent(value)));
}

/** By which name or id the first of a list is read; none where there is nothing. */
function firstIn(body = '{}'): readonly string[] {
  const list = Object.values(JSON.parse(body) as object).find((each) => Array.isArray(each)) as
    readonly Readonly<Record<string, unknown>>[] | undefined;
  const { id, name, username, version } = list?.[0] ?? {};
  const key = name ?? username ?? id ?? version;
  return typeof key === 'string' || typeof key === 'number' ? [String(key)] : [];
}
