import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readCallsInThread } from '../../adapters/past-calls-file.ts';
import { signedIn } from '../../api/principal.ts';
import { fail, problem, ProblemError } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { changesBetween } from '../../core/changes.ts';
import { prepareDraft } from '../../prepare-draft.ts';
import type { HeldRates, NewReplay } from '../../replay-ports.ts';
import { heldRatesOf } from '../rates/held-rates.ts';
import { readQueryTime } from '../times.ts';
import { presentReplay, presentReplayDetail } from './presentation.ts';

/** As a document that is applied. */
const MAX_DRAFT_BYTES = 128 * 1024 * 1024;
/** Some 200,000 calls. */
const MAX_CALLS_BYTES = 16 * 1024 * 1024;
/** Calls of a file that are stored, and later read, together. */
const PART = 300;
/** Replays that have not ended, awaited files included. */
const MOST_OPEN = 20;
const MOST_CHANGES = 1000;

const createQuery = z.object({
  from: z.string().optional().describe('Of CDRs: since when calls began. A time, a day, or 24h for a day ago.'), // prettier-ignore
  until: z.string().optional().describe('Before when; now where it is not set.'),
  calls: z
    .enum(['cdrs', 'file'])
    .default('cdrs')
    .describe('file: of one that is PUT to /replays/{id}/calls; no period then.'),
  version: z.int().min(1).optional().describe('This version is the draft, in place of a document.'),
  rates: z
    .string()
    .default('')
    .describe(
      'Imports of rates that wait to be applied, as group:id with commas: the draft has them. With nothing else, it is the configuration in effect with these rates.',
    ),
  limits: z
    .enum(['keep', 'ignore'])
    .default('keep')
    .describe('Of lines and calls per second. ignore: what would be needed without any.'),
  note: z.string().max(1000).default('').describe('Kept with it.'),
});
const listQuery = z.object({ limit: z.int().min(1).max(1000).default(100) });
const replayParams = z.object({ id: z.string() });

type CreateRequest = FastifyRequest<{ Querystring: z.output<typeof createQuery> }>;
type Params = z.output<typeof replayParams>;

/** Replays of calls against a draft of the configuration (OPS-08). */
export function replayRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { replays } = parts;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'text/plain'], // prettier-ignore
    { parseAs: 'string', bodyLimit: MAX_DRAFT_BYTES },
    (_request, body, done) => {
      done(null, body);
    },
  );
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'buffer', bodyLimit: MAX_CALLS_BYTES },
    (_request, body, done) => {
      done(null, body);
    },
  );

  app.post<{ Querystring: z.output<typeof createQuery> }>(
    '/replays',
    {
      bodyLimit: MAX_DRAFT_BYTES,
      schema: {
        ...routeSchema({
          id: 'createReplay',
          tag: 'operation',
          summary: 'Replay calls of the past against a draft of the configuration; nothing is called or changed',
          query: createQuery,
          answer: 'Replay',
          isAccepted: true,
          errors: [404, 409, 413, 415, 422],
        }),
        description:
          'The body is the draft, a whole document as YAML or JSON by Content-Type, as for PUT /configuration, which it is checked like; or nothing, with version or rates. It is held against the configuration in effect at this moment.',
      },
    },
    async (request, reply) => {
      const replay = await replays.create(await newReplay(request, parts), MOST_OPEN);
      if (replay === undefined) {
        throw fail(409, 'too-many-replays', `${String(MOST_OPEN)} replays have not ended: wait for one, or remove one`); // prettier-ignore
      }
      return reply.code(202).header('location', `/api/v1/replays/${replay.id}`).send(presentReplay(replay)); // prettier-ignore
    },
  ); // prettier-ignore

  app.put<{ Params: Params; Body: unknown }>(
    '/replays/:id/calls',
    {
      bodyLimit: MAX_CALLS_BYTES,
      schema: {
        ...routeSchema({
          id: 'putReplayCalls',
          tag: 'operation',
          summary: 'Give a replay the calls of a file, and begin it',
          params: replayParams,
          answer: 'Replay',
          isAccepted: true,
          errors: [404, 409, 413, 415, 422],
        }),
        description:
          'The body is text/csv in UTF-8. Its first line names columns: from (mapping gateway or phone) and callee are needed; id, caller, at, gateway, code, seconds and price are what the CDR of the call says. Every line that does not fit is named, and nothing is begun.',
      },
    },
    async ({ body, params: { id } }, reply) => {
      const found = await replays.get(id);
      if (found === undefined) throw noSuchReplay(id);
      if (!Buffer.isBuffer(body)) throw fail(415, 'unsupported-format', 'send text/csv');
      const { calls, mistakes } = await readCallsInThread(body, Date.now());
      if (mistakes.length > 0) {
        const detail = `${String(mistakes.length)} lines do not fit; nothing was begun`;
        throw new ProblemError(problem(422, 'calls-invalid', detail, { mistakes }));
      }
      if (calls.length === 0) throw fail(422, 'calls-invalid', 'there is no call in it');
      const parted = Array.from({ length: Math.ceil(calls.length / PART) }, (_, at) => calls.slice(at * PART, (at + 1) * PART)); // prettier-ignore
      const replay = await replays.putCalls(id, parted);
      if (replay === undefined) {
        throw fail(409, 'no-calls-awaited', `replay ${id} awaits no calls: it is ${found.replay.state}`); // prettier-ignore
      }
      return reply.code(202).send(presentReplay(replay));
    },
  );

  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/replays',
    {
      schema: routeSchema({
        id: 'listReplays',
        tag: 'operation',
        summary: 'Replays, newest first',
        query: listQuery,
        answer: 'ReplayList',
        list: 'replays',
      }),
    },
    async ({ query: { limit } }) => ({ replays: (await replays.list(limit)).map(presentReplay) }),
  );

  app.get<{ Params: Params }>(
    '/replays/:id',
    {
      schema: routeSchema({
        id: 'getReplay',
        tag: 'operation',
        summary: 'How far a replay is, and what it has found',
        params: replayParams,
        answer: 'ReplayDetail',
        errors: [404],
      }),
    },
    async ({ params: { id } }) => {
      const found = await replays.get(id);
      if (found === undefined) throw noSuchReplay(id);
      return presentReplayDetail(found.replay, found.run);
    },
  );

  app.delete<{ Params: Params }>(
    '/replays/:id',
    {
      schema: routeSchema({
        id: 'removeReplay',
        tag: 'operation',
        summary: 'Remove a replay; one that runs ends within seconds',
        params: replayParams,
        answer: 'ReplayRemoved',
        errors: [404],
      }),
    },
    async ({ params: { id } }) => {
      if (!(await replays.remove(id))) throw noSuchReplay(id);
      return { removed: true };
    },
  );
}

async function newReplay(request: CreateRequest, parts: RouteParts): Promise<NewReplay> {
  const { calls, limits, note, version } = request.query;
  const id = randomUUID();
  const period = calls === 'file' ? undefined : periodOf(request.query);
  if (calls === 'file' && (request.query.from ?? request.query.until) !== undefined) {
    throw fail(
      400,
      'invalid-request',
      'from and until are of CDRs: leave them out with calls=file',
    );
  }
  const text = typeof request.body === 'string' ? request.body : '';
  const heldRates = await heldRatesOf(namedRates(request.query.rates), parts);
  const hasText = text.trim() !== '';
  if (version === undefined ? !hasText && heldRates.length === 0 : hasText) {
    throw fail(
      400,
      'invalid-request',
      'send the draft as the body, or name a version, or imports of rates',
    );
  }
  const common = { id, createdBy: signedIn(request).name, note, keepsLimits: limits === 'keep', period, heldRates }; // prettier-ignore
  return hasText
    ? { ...common, ...(await draftIn(request, { id, text }, parts)) }
    : { ...common, ...(await draftVersion(version, parts)) };
}

/** `group:id`, with commas. */
function namedRates(text: string): HeldRates[] {
  const named = text.split(',').filter((each) => each.trim() !== '');
  return named.map((each) => {
    const [, group = each, id = ''] = /^(.*):([^:]*)$/.exec(each.trim()) ?? [];
    return { group, id };
  });
}

function periodOf({ from, until }: z.output<typeof createQuery>): NonNullable<NewReplay['period']> {
  if (from === undefined) {
    throw fail(400, 'invalid-request', 'from is not set: say since when calls are replayed, such as 24h, or calls=file'); // prettier-ignore
  }
  const fromMs = readQueryTime('from', from);
  const untilMs = readQueryTime('until', until) || Date.now();
  if (fromMs < untilMs) return { fromMs, untilMs };
  throw fail(400, 'invalid-request', 'until must be later than from');
}

type DraftParts = Pick<NewReplay, 'version' | 'draftVersion' | 'changes'>;

async function draftIn(
  { headers }: CreateRequest,
  { id, text }: { readonly id: string; readonly text: string },
  { documents, replays }: RouteParts,
): Promise<DraftParts> {
  const isJson = (headers['content-type'] ?? '').toLowerCase().startsWith('application/json');
  const format = isJson ? 'json' : 'yaml';
  const prepared = await prepareDraft({ id, text, format }, documents, replays);
  switch (prepared.kind) {
    case 'invalid': {
      const { mistakes } = prepared;
      const detail = `${String(mistakes.length)} ${mistakes.length === 1 ? 'mistake' : 'mistakes'} in the draft; nothing was begun`; // prettier-ignore
      throw new ProblemError(problem(422, 'configuration-invalid', detail, { mistakes }));
    }
    case 'unchanged':
      return { version: inEffect(prepared.version), draftVersion: prepared.version, changes: [] };
    case 'stored':
      return {
        version: inEffect(prepared.version),
        draftVersion: undefined,
        changes: prepared.changes,
      };
  }
}

/** @param version undefined: the one in effect, with nothing changed but its rates */
async function draftVersion(
  version: number | undefined,
  { documents }: RouteParts,
): Promise<DraftParts> {
  const { store } = documents;
  const [newest] = await store.list({ limit: 1 });
  if (version === undefined) {
    const current = inEffect(newest?.version ?? 0);
    return { version: current, draftVersion: current, changes: [] };
  }
  const [found] = await store.list({ limit: 1, before: version + 1 });
  if (found?.version !== version) {
    throw fail(404, 'no-such-version', `there is no version ${String(version)}`);
  }
  const current = inEffect(newest?.version ?? 0);
  // Of large ones nobody waits for what is other.
  const isLarge = await store.isLarge();
  const before = isLarge ? undefined : await store.get(current);
  const after = isLarge ? undefined : await store.get(version);
  const changes =
    before === undefined || after === undefined
      ? []
      : changesBetween(before.configuration, after.configuration).slice(0, MOST_CHANGES);
  return { version: current, draftVersion: version, changes };
}

function inEffect(version: number): number {
  if (version > 0) return version;
  throw fail(409, 'no-configuration', 'no configuration is in effect that a draft could be held against'); // prettier-ignore
}

function noSuchReplay(id: string): ProblemError {
  return fail(404, 'no-such-replay', `there is no replay "${id}", or none any more`);
}
