import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import { csvFormat, csvList } from './csv-lists.ts';
import { accessOf } from '../core/operators/roles.ts';
import type { schemas } from './schemas.ts';

/** What a route takes and gives, for validation and OpenAPI alike. */
export interface RouteShape {
  readonly id: string;
  readonly tag: 'configuration' | 'calls' | 'money' | 'operation' | 'operators';
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly params?: z.ZodObject;
  readonly body?: keyof typeof schemas;
  /** What a body should be that the route checks by itself, for OpenAPI alone. */
  readonly describedBody?: keyof typeof schemas | undefined;
  /** Left out where `answerAs` says in which other way it is answered. */
  readonly answer?: keyof typeof schemas | undefined;
  /** It is answered as text in this media type alone. */
  readonly answerAs?: string;
  /** The field of the answer that holds its rows: `format=csv` gives them as CSV. */
  readonly list?: string;
  /** Other media types in which it is answered, as text. */
  readonly alsoAs?: string | readonly string[];
  /** Codes of the errors that this route is known to answer. */
  readonly errors?: readonly number[];
  /** It is begun, and done later: 202 in place of 200. */
  readonly isAccepted?: true;
  /** It is for browsers, and leads to a page of ours. */
  readonly redirects?: true;
}

/** The schema of one route, with who may do it; every route answers errors as problems. */
export function routeSchema(shape: RouteShape): FastifySchema {
  const access = accessOf(shape.id) ?? [];
  const { answer, list } = shape;
  const query = queryOf(shape);
  const common = [400, 401, 403, 429, 500, 503];
  const problems = [...common, ...(shape.errors ?? [])].sort().map((status) => [
    status,
    {
      description: 'A problem (RFC 9457).',
      content: { 'application/problem+json': { schema: reference('Problem') } },
    },
  ]);
  return {
    operationId: shape.id,
    tags: [shape.tag],
    summary: shape.summary,
    security: access === 'public' ? [] : [{ token: [] }, { session: [], csrf: [] }],
    // Who may do it, for programs and people.
    ...({ 'x-roles': typeof access === 'string' ? [access] : access } as object),
    ...(query === undefined ? {} : { querystring: plain(query) }),
    ...(list && answer ? csvList(answer, list) : {}),
    ...(shape.params === undefined ? {} : { params: plain(shape.params) }),
    ...(shape.body === undefined ? {} : { body: reference(shape.body) }),
    ...(shape.describedBody === undefined ? {} : { describedBody: reference(shape.describedBody) }),
    response: {
      ...(shape.redirects === true ? { 303: { type: 'null', description: 'Go there.' } } : {}),
      [shape.isAccepted === true ? 202 : 200]: {
        description: shape.isAccepted === true ? 'Begun.' : 'Done.',
        content: contentOf(shape),
      },
      ...(Object.fromEntries(problems) as Record<number, unknown>),
    },
  };
}

function queryOf({ list, query }: RouteShape): z.ZodObject | undefined {
  return list === undefined ? query : (query ?? z.object({})).extend({ format: csvFormat });
}

/** In which media types it is answered. */
function contentOf({ alsoAs, answer, answerAs, list }: RouteShape): Record<string, object> {
  const texts = [answerAs, list === undefined ? undefined : 'text/csv', alsoAs].flat();
  const content: Record<string, object> = {};
  if (answer !== undefined) content['application/json'] = { schema: reference(answer) };
  for (const type of texts) if (type !== undefined) content[type] = { schema: { type: 'string' } };
  return content;
}

/** The schema as OpenAPI tells it: with the bodies that routes check by themselves. */
export function describedSchema(
  schema: FastifySchema & { readonly describedBody?: unknown },
): FastifySchema {
  const { describedBody, ...rest } = schema;
  return describedBody === undefined ? rest : { ...rest, body: describedBody };
}

function reference(name: keyof typeof schemas): { $ref: string } {
  return { $ref: `${name}#` };
}

function plain(schema: z.ZodObject): unknown {
  return { ...z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }), $schema: undefined };
}
