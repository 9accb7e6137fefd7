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
const named = [
  'routing-gateways',
  'phones',
  'mapping-gateways',
  'accounts',
  'gateway-groups',
  'rate-groups',
  'number-lists',
];
/** What has addresses. */
const addressed = ['routing-gateways', 'mapping-gateways'];

/** Asks the API for all that a text may be, at once; what cannot be asked is left out. */
export async function find(plan: SearchPlan): Promise<readonly Found[]> {
  const { name, number, address, isCallId, text } = plan;
  const asked: Promise<readonly Found[]>[] = [];
  if (isCallId) asked.push(callById(text));
  if (name !== undefined) {
    for (const kind of named) asked.push(entries(kind, name));
    asked.push(parameters(name));
  }
  if (number !== undefined) {
    asked.push(
      calls({ callee: number }),
      calls({ caller: number }),
      registrations({ phone: number }),
    );
  }
  if (address !== undefined) {
    for (const kind of addressed) asked.push(entries(kind, address));
    asked.push(calls({ address }), registrations({ source: address }));
  }
  const answers = await Promise.allSettled(asked);
  const found = answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const seen = new Set<string>();
  return [
    ...found.filter(({ href }) => !seen.has(href) && seen.add(href).size > 0),
    ...actions(plan),
  ];
}

/** What can be done with a text, whether or not something is found by it. */
function actions({ address, number, text }: SearchPlan): readonly Found[] {
  const of = encodeURIComponent(number ?? address ?? text);
  if (number !== undefined) {
    return [
      { href: `/cdrs?callee=${of}`, label: `CDRs of calls to ${number}`, what: 'list' },
      {
        href: `/routing?callee=${of}`,
        label: `Where a call to ${number} would go`,
        what: 'analysis',
      },
      { href: `/traces?kind=number&of=${of}`, label: `Trace ${number}`, what: 'trace' },
    ];
  }
  if (address === undefined) return [];
  return [
    { href: `/cdrs?address=${of}`, label: `CDRs of calls from ${address}`, what: 'list' },
    { href: `/journal?source=${of}`, label: `Journal of ${address}`, what: 'list' },
    { href: `/traces?kind=address&of=${of}`, label: `Trace ${address}`, what: 'trace' },
  ];
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

async function registrations(query: {
  readonly phone?: string;
  readonly source?: string;
}): Promise<readonly Found[]> {
  const params = { query: { ...query, limit: LIMIT } };
  const found = await answerOf(api.GET('/api/v1/registrations', { params }));
  return found.registrations.map(({ phone, source, status }) => ({
    href: `/registrations/${encodeURIComponent(phone)}`,
    label: `${phone} at ${source === '' ? 'no address' : source}`,
    what: status,
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
