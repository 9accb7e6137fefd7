import {
  describeRange,
  didYouMean,
  parameters,
  readParameters,
  type Configuration,
  type Parameter,
} from '@tandem/config';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import { signedIn } from '../../api/principal.ts';
import { readTag } from '../../api/read-tag.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { applyChange } from '../../apply-change.ts';
import { entryTag, type ChangedDocument } from '../../core/change-entry.ts';
import { EMPTY } from '../../core/prepare-version.ts';
import { changeQuery } from '../configuration/apply-terms.ts';
import { sendDecision } from '../configuration/presentation.ts';
import type { ParameterValue, ParameterView } from './schemas.ts';

const params = z.object({ name: z.string() });
const listQuery = z.object({
  search: z.string().default('').describe('In name or description, in whatever case.'),
  set: z.boolean().default(false).describe('Those alone that the configuration sets.'),
});

interface Named {
  readonly Params: z.output<typeof params>;
}
type Change = Named & { readonly Querystring: z.output<typeof changeQuery> };

/** System parameters (OPS-05): list, read, set, put back to the default. */
export function parameterRoutes(app: FastifyInstance, { documents }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/parameters',
    {
      schema: routeSchema({
        id: 'listParameters',
        tag: 'configuration',
        summary: 'System parameters: what is in effect, the default, the range',
        query: listQuery,
        answer: 'ParameterList',
        list: 'parameters',
      }),
    },
    async ({ query: { search, set } }) => {
      const words = search.toLowerCase();
      const all = viewsOf((await documents.store.current())?.configuration ?? EMPTY);
      return {
        parameters: all.filter(
          ({ name, description, isSet }) =>
            (isSet || !set) && `${name} ${description}`.toLowerCase().includes(words),
        ),
      };
    },
  );

  app.get<Named>(
    '/parameters/:name',
    {
      schema: routeSchema({
        id: 'getParameter',
        tag: 'configuration',
        summary: 'One system parameter',
        params,
        answer: 'Parameter',
        errors: [404],
      }),
    },
    async ({ params: { name } }, reply) => {
      const wanted = known(name);
      const configuration = (await documents.store.current())?.configuration ?? EMPTY;
      const all = viewsOf(configuration);
      reply.header('etag', `"${tagOf(configuration, wanted)}"`);
      return all.find((each) => each.name === wanted);
    },
  );

  app.put<Change & { Body: ParameterValue }>(
    '/parameters/:name',
    {
      schema: {
        ...routeSchema({
          id: 'setParameter',
          tag: 'configuration',
          summary: 'Set a system parameter; it is in effect on all pods within 2 s',
          params,
          query: changeQuery,
          describedBody: 'ParameterValue',
          answer: 'Applied',
          errors: [404, 409, 412, 415, 422],
        }),
        description:
          'If-Match may be the ETag of the parameter: it is set only where it is still so (412).',
      },
    },
    (request, reply) => {
      const body: unknown = request.body;
      const isBody = typeof body === 'object' && body !== null && 'value' in body;
      if (!isBody) throw fail(400, 'invalid-request', 'the body must be an object with "value"');
      return change(request, reply, body.value);
    },
  );

  app.delete<Change>(
    '/parameters/:name',
    {
      schema: routeSchema({
        id: 'resetParameter',
        tag: 'configuration',
        summary: 'Put a system parameter back to its default',
        params,
        query: changeQuery,
        answer: 'Applied',
        errors: [404, 409, 412, 422],
      }),
    },
    (request, reply) => change(request, reply, undefined),
  );

  async function change(
    request: FastifyRequest<Change>,
    reply: FastifyReply,
    value: unknown,
  ): Promise<FastifyReply> {
    const { headers, params: named, query } = request;
    const { dryRun: isDryRun, note } = query;
    const parameter = known(named.name);
    const tag = readTag(headers['if-match']);
    const make = (current: Configuration): ChangedDocument | { readonly kind: 'entry-changed' } => {
      if (tag !== undefined && tag !== tagOf(current, parameter)) return { kind: 'entry-changed' };
      const others = { ...current.parameters };
      Reflect.deleteProperty(others, parameter);
      const document = {
        ...current,
        parameters: value === undefined ? others : { ...others, [parameter]: value },
      };
      return { kind: 'changed', document, index: undefined };
    };
    const context = { appliedBy: signedIn(request).name, note, isDryRun };
    const allowRemoval = value === undefined ? 1 : undefined;
    const applied = await applyChange<{ readonly kind: 'entry-changed' }>(
      { make, allowRemoval, context },
      documents,
    );
    if (applied.kind !== 'entry-changed') return sendDecision(reply, applied, isDryRun);
    const detail = `parameter ${parameter} was changed since it was read: read it again; nothing was changed`;
    throw fail(412, 'entry-changed', detail);
  }
}

/** Of a parameter as it is set. */
function tagOf({ parameters: set }: Configuration, name: string): string {
  return entryTag({ name, value: (set as Readonly<Record<string, unknown>>)[name] ?? null });
}

/** @throws ProblemError 404 */
function known(name: string): string {
  if (Object.hasOwn(parameters, name)) return name;
  const hint = didYouMean(name, Object.keys(parameters));
  throw fail(404, 'no-such-parameter', `there is no system parameter "${name}"${hint}`);
}

function viewsOf({ parameters: set }: Configuration): ParameterView[] {
  const values = readParameters(set) as Readonly<
    Record<string, number | boolean | string | undefined>
  >;
  return Object.entries<Parameter>(parameters).map(([name, parameter]) => ({
    name,
    value: values[name] ?? null,
    default: parameter.default ?? null,
    isSet: Object.hasOwn(set, name),
    range: describeRange(parameter),
    unit: parameter.unit ?? null,
    description: parameter.description,
    spec: parameter.spec,
  }));
}
