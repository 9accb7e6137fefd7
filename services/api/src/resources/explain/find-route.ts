import { parseNetwork } from '@tandem/config';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import {
  candidateOfCall,
  candidateOfCdr,
  candidateOfEntry,
  inOrder,
  isOfStranger,
} from '../../core/candidates.ts';
import type { Candidate } from '../../core/candidates.ts';
import type { ServicePorts } from '../../ports.ts';
import { readQueryTime } from '../times.ts';
import { presentCandidate } from './presentation.ts';

const query = z.object({
  caller: z.string().default('').describe('Number that called.'),
  callee: z.string().default('').describe('Number that was called.'),
  phone: z.string().default('').describe('Username: calls from and to it, and its registrations.'),
  gateway: z.string().default('').describe('Mapping or routing gateway.'),
  address: z.string().default('').describe('Where it came from, without a port.'),
  at: z
    .string()
    .optional()
    .describe('When it was, some minutes more or less: "2 minutes ago", 14:05 (UTC), a time.'),
  within: z.coerce.number().int().min(1).max(1440).default(5).describe('Minutes around `at`.'),
  from: z.string().optional().describe('Not before: a UTC time, a day, or 2h for two hours ago.'),
  until: z.string().optional().describe('Before.'),
  failed: z.enum(['', 'true']).default('').describe('true: what failed or was refused alone.'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

type Query = z.output<typeof query>;

/** A span of time, and the moment that is meant; 0: open. */
interface When {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly atMs: number;
}

/** OPS-09: finds what is to be explained, by what people know of it. */
export function findRoute(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: Query }>(
    '/explain',
    {
      schema: {
        ...routeSchema({
          id: 'findToExplain',
          tag: 'calls',
          summary:
            'Calls, requests and registrations that may be meant, the latest or nearest first',
          query,
          answer: 'CandidateList',
        }),
        description:
          'Calls in progress, calls that ended, and what the journal has: requests that were refused or dropped, and registrations. Each has an id that /explain/{callId} takes.',
      },
    },
    async ({ query: asked }) => {
      if (asked.address !== '') {
        const network = parseNetwork(asked.address);
        if (typeof network === 'string') throw fail(400, 'invalid-request', `address: ${network}`);
      }
      const when = whenOf(asked);
      const { found, missing } = await findAll(ports, asked, when);
      const ordered = inOrder(found, when.atMs);
      return {
        candidates: ordered.slice(0, asked.limit).map(presentCandidate),
        hasMore: ordered.length > asked.limit,
        missing,
      };
    },
  );
}

function whenOf({ at, from, until, within }: Query): When {
  const atMs = readQueryTime('at', at);
  if (atMs !== 0) {
    const spanMs = within * 60_000;
    return { atMs, fromMs: atMs - spanMs, untilMs: atMs + spanMs };
  }
  return { atMs, fromMs: readQueryTime('from', from), untilMs: readQueryTime('until', until) };
}

interface Found {
  readonly found: readonly Candidate[];
  /** What could not be asked. */
  readonly missing: string[];
}

async function findAll(ports: ServicePorts, asked: Query, when: When): Promise<Found> {
  const sources = {
    'calls in progress': calls(ports, asked, when),
    'calls that ended': cdrs(ports, asked, when),
    journal: entries(ports, asked, when),
  };
  const settled = await Promise.allSettled(Object.values(sources));
  const names = Object.keys(sources);
  const missing = names.filter((_, index) => settled[index]?.status === 'rejected');
  const [first] = settled;
  if (missing.length === names.length && first?.status === 'rejected') throw first.reason as Error;
  const found = settled.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  return { found: onlyOnce(found), missing };
}

/** A call that has just ended has a CDR, and may be among those in progress still: its CDR says more. */
function onlyOnce(found: readonly Candidate[]): Candidate[] {
  const ended = new Set(found.filter(({ kind }) => kind === 'ended-call').map(({ id }) => id));
  const byId = new Map<string, Candidate>();
  for (const each of found) {
    if (each.kind !== 'call' || !ended.has(each.id)) byId.set(`${each.kind} ${each.id}`, each);
  }
  return [...byId.values()];
}

async function calls(ports: ServicePorts, asked: Query, when: When): Promise<Candidate[]> {
  if (asked.failed === 'true') return [];
  const { address, callee, caller, gateway, limit, phone } = asked;
  const { fromMs, untilMs } = when;
  const filter = { account: '', callId: '', address, limit: limit + 1, fromMs, untilMs, brief: false }; // prettier-ignore
  const lists = await Promise.all(
    sidesOf({ callee, caller, gateway, phone }).map((side) =>
      ports.edge.listCalls({ ...filter, ...side }),
    ),
  );
  return lists.flatMap((list) => list.calls.map(candidateOfCall));
}

async function cdrs(ports: ServicePorts, asked: Query, when: When): Promise<Candidate[]> {
  const { address, callee, caller, failed, gateway, limit, phone } = asked;
  const { fromMs, untilMs } = when;
  const filter = {
    account: '',
    reason: '',
    cursor: '',
    address,
    failed: failed === 'true',
    ...{ callerPrefix: '', calleePrefix: '', code: 0 },
    limit: limit + 1,
    fromMs,
    untilMs,
  };
  const lists = await Promise.all(
    sidesOf({ callee, caller, gateway, phone }).map((side) =>
      ports.billing.listCdrs({ ...filter, ...side }),
    ),
  );
  return lists.flatMap((list) => list.cdrs.map(candidateOfCdr));
}

type Sides = Pick<Query, 'callee' | 'caller' | 'gateway'>;

/** A phone is on either side of its calls. */
function sidesOf({ phone, ...sides }: Sides & Pick<Query, 'phone'>): readonly Sides[] {
  if (phone === '') return [sides];
  return [
    ...(sides.gateway === '' ? [{ ...sides, gateway: phone }] : []),
    ...(sides.callee === '' ? [{ ...sides, callee: phone }] : []),
  ];
}

async function entries(ports: ServicePorts, asked: Query, when: When): Promise<Candidate[]> {
  const { journal } = ports;
  if (journal === undefined) return [];
  const { address, callee, caller, failed, gateway, limit, phone } = asked;
  const { fromMs, untilMs } = when;
  const filter = {
    kind: '',
    cause: '',
    account: '',
    callId: '',
    cursor: '',
    outcome: failed === 'true' ? 'refused' : '',
    source: address,
    limit: limit + 1,
    fromMs,
    untilMs,
  };
  const name = phone === '' ? gateway : phone;
  const wanted = [{ terminal: name, callee, caller }];
  // Who registers calls nobody: its name is the number that it calls from.
  if (caller !== '' && name === '' && callee === '') {
    wanted.push({ terminal: caller, callee: '', caller: '' });
  }
  const lists = await Promise.all(
    wanted.map((each) => journal.listEntries({ ...filter, ...each })),
  );
  return lists
    .flatMap((list) => list.entries)
    .filter((entry) => failed !== 'true' || !isOfStranger(entry))
    .map(candidateOfEntry);
}
