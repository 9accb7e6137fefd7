import { maskPasswords } from '@tandem/config';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail, type ProblemError } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { rollBack } from '../../apply-document.ts';
import { applyQuery, readApplyTerms, REMOVAL_RULE } from '../configuration/apply-terms.ts';
import { sendDecision } from '../configuration/presentation.ts';
import { presentVersion } from './presentation.ts';

const listQuery = z.object({
  limit: z.int().min(1).max(1000).default(100),
  before: z.int().min(1).optional().describe('Versions older than this.'),
});
const versionParams = z.object({ version: z.int().min(1) });

type VersionParams = z.output<typeof versionParams>;

/** Every configuration that was ever applied: list, read, bring back. */
export function configurationVersionRoutes(app: FastifyInstance, { documents }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/configuration/versions',
    {
      schema: routeSchema({
        id: 'listConfigurationVersions',
        tag: 'configuration',
        summary: 'Versions, newest first',
        query: listQuery,
        answer: 'VersionList',
        list: 'versions',
      }),
    },
    async ({ query: { limit, before } }) => {
      const page = before === undefined ? { limit } : { limit, before };
      return { versions: (await documents.store.list(page)).map(presentVersion) };
    },
  );

  app.get<{ Params: VersionParams }>(
    '/configuration/versions/:version',
    {
      schema: routeSchema({
        id: 'getConfigurationVersion',
        tag: 'configuration',
        summary: 'One version with its document; passwords are hidden',
        params: versionParams,
        answer: 'VersionDocument',
        errors: [404],
      }),
    },
    async ({ params: { version } }) => {
      const found = await documents.store.get(version);
      if (found === undefined) throw noSuchVersion(version);
      return { ...presentVersion(found), configuration: maskPasswords(found.configuration) };
    },
  );

  app.post<{ Params: VersionParams; Querystring: z.output<typeof applyQuery> }>(
    '/configuration/versions/:version/rollback',
    {
      schema: {
        ...routeSchema({
          id: 'rollBackConfiguration',
          tag: 'configuration',
          summary: 'Bring a version back: its document is applied as a new version',
          params: versionParams,
          query: applyQuery,
          answer: 'Applied',
          errors: [404, 409, 412, 422],
        }),
        description: `It is checked as any document is, and its passwords are those of then. If-Match may name the version that must be in effect. Balances stay: they are no part of it. ${REMOVAL_RULE}`,
      },
    },
    async (request, reply) => {
      const { version } = request.params;
      const terms = readApplyTerms(request, `rollback to version ${String(version)}`);
      const decision = await rollBack({ ...terms, version }, documents);
      if (decision === undefined) throw noSuchVersion(version);
      return sendDecision(reply, decision, terms.context.isDryRun);
    },
  );
}

function noSuchVersion(version: number): ProblemError {
  return fail(404, 'no-such-version', `there is no version ${String(version)}`);
}
