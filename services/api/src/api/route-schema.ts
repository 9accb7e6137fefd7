import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import type { schemas } from './schemas.ts';

/** What a route takes and gives, for validation and OpenAPI alike. */
export interface RouteShape {
  readonly id: string;
  readonly tag: 'configuration' | 'calls' | 'money' | 'operation';
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly params?: z.ZodObject;
  readonly body?: keyof typeof schemas;
  /** What a body should be that the route checks by itself, for OpenAPI alone. */
  readonly describedBody?: keyof typeof schemas | undefined;
  readonly answer: keyof typeof schemas;
  /** Other media types in which it is answered, as text. */
  readonly alsoAs?: string | readonly string[];
  /** Codes of the errors that this route is known to answer. */
  readonly errors?: readonly number[];
}

/** The schema of one route; every route needs the token and answers errors as problems. */
export function routeSchema(shape: RouteShape): FastifySchema {
  const problems = [400, 401, ...(shape.errors ?? []), 500, 503].map((status) => [
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
    security: [{ token: [] }],
    ...(shape.query === undefined ? {} : { querystring: plain(shape.query) }),
    ...(shape.params === undefined ? {} : { params: plain(shape.params) }),
    ...(shape.body === undefined ? {} : { body: reference(shape.body) }),
    ...(shape.describedBody === undefined ? {} : { describedBody: reference(shape.describedBody) }),
    response: {
      200: {
        description: 'Done.',
        content: {
          'application/json': { schema: reference(shape.answer) },
          ...Object.fromEntries(
            [shape.alsoAs ?? []].flat().map((type) => [type, { schema: { type: 'string' } }]),
          ),
        },
      },
      ...(Object.fromEntries(problems) as Record<number, unknown>),
    },
  };
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
