import { entryHref, entryKinds } from '../core/entry-kinds.ts';
import type { SearchPlan } from '../core/search-query.ts';
import { answerOf, api, request } from './client.ts';

/** Something that was found, and the page that shows it. */
export interface Found {
  readonly href: string;
  readonly label: string;
  readonly what: string;
}

const LIMIT = 5;
/** What is looked through by name, the likeliest first. */
const named = ['routing-gateways', 'phones', 'mapping-gateways', 'accounts', 'rate-groups'];

/** Asks the API for all that a text may be, at once; what cannot be asked is left out. */
export async function find(plan: SearchPlan): Promise<readonly Found[]> {
  const { name, number, address, isCallId, text } = plan;
  const asked: Promise<readonly Found[]>[] = [];
  if (isCallId) asked.push(callById(text));
  if (name !== undefined) {
    for (const kind of named) asked.push(entries(kind, name));
    asked.push(parameters(name));
  }
  if (number !== undefined) asked.push(calls({ callee: number }), calls({ caller: number }));
  if (address !== undefined) asked.push(calls({ address }));
  const answers = await Promise.allSettled(asked);
  const found = answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const seen = new Set<string>();
  return found.filter(({ href }) => !seen.has(href) && seen.add(href).size > 0);
}

async function callById(callId: string): Promise<readonly Found[]> {
  const path = { callId };
  const told = await answerOf(api.GET('/api/v1/explain/{callId}', { params: { path } }));
  return [{ href: `/calls/${encodeURIComponent(told.callId)}`, label: told.summary, what: 'call' }];
}

async function calls(query: {
  readonly callee?: string;
  readonly caller?: string;
  readonly address?: string;
}): Promise<readonly Found[]> {
  const params = { query: { ...query, from: '24h', limit: LIMIT } };
  const { candidates } = await answerOf(api.GET('/api/v1/explain', { params }));
  return candidates.map(({ id, kind, caller, callee, at, text, terminal }) => ({
    href:
      kind === 'registration'
        ? `/registrations/${encodeURIComponent(terminal)}`
        : `/calls/${encodeURIComponent(id)}`,
    label: `${caller} → ${callee}: ${text}`,
    what: `${kind.replace('-', ' ')} ${at ?? ''}`,
  }));
}

async function entries(kind: string, search: string): Promise<readonly Found[]> {
  const of = entryKinds.find(({ path }) => path === kind);
  if (of === undefined) return [];
  const answer = await request(`/configuration/${kind}`, { query: { search, limit: LIMIT } });
  const told = (await answer.json()) as { readonly entries: readonly Record<string, unknown>[] };
  return told.entries.map((entry) => {
    const name = String(entry[of.nameField]);
    const href =
      kind === 'routing-gateways' ? `/gateways/${encodeURIComponent(name)}` : entryHref(kind, name);
    return { href, label: name, what: of.one };
  });
}

async function parameters(search: string): Promise<readonly Found[]> {
  const params = { query: { search } };
  const told = await answerOf(api.GET('/api/v1/parameters', { params }));
  return told.parameters.slice(0, LIMIT).map(({ name, value }) => ({
    href: `/parameters?search=${encodeURIComponent(name)}`,
    label: `${name} = ${value === null ? 'not set' : String(value)}`,
    what: 'parameter',
  }));
}
