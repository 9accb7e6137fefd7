import { maskPasswords, type Configuration } from '@tandem/config';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { stringify } from 'yaml';
import { z } from 'zod';
import { fail, problem, ProblemError } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { applyDocument, type DocumentStore } from '../../apply-document.ts';
import type { ApplyDecision } from '../../core/prepare-version.ts';
import { presentVersion } from './presentation.ts';

/** A sheet of a million rates is some 80 MB of YAML. */
const MAX_DOCUMENT_BYTES = 128 * 1024 * 1024;
const MAX_CHANGES = 1000;

const applyQuery = z.object({
  dryRun: z.boolean().default(false).describe('Check and compare only.'),
  note: z.string().max(1000).default('').describe('Kept with the version.'),
});
const listQuery = z.object({
  limit: z.int().min(1).max(1000).default(100),
  before: z.int().min(1).optional().describe('Versions older than this.'),
});
const versionParams = z.object({ version: z.int().min(1) });

type ApplyRequest = FastifyRequest<{
  Querystring: z.output<typeof applyQuery>;
  Body: string | undefined;
}>;

/** The whole configuration as one document: apply, read, versions. */
export function configurationRoutes(app: FastifyInstance, { documents }: RouteParts): void {
  // The document is read by its own parser, which names every mistake with its place.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [
      'application/json',
      'application/yaml',
      'application/x-yaml',
      'text/yaml',
      'text/x-yaml',
      'text/plain',
    ],
    { parseAs: 'string', bodyLimit: MAX_DOCUMENT_BYTES },
    (_request, body, done) => {
      done(null, body);
    },
  );

  for (const method of ['PUT', 'POST'] as const) {
    app.route({
      method,
      url: '/configuration',
      bodyLimit: MAX_DOCUMENT_BYTES,
      schema: {
        ...routeSchema({
          id: method === 'PUT' ? 'putConfiguration' : 'applyConfiguration',
          tag: 'configuration',
          summary: 'Apply the whole configuration, or change nothing',
          query: applyQuery,
          answer: 'Applied',
          errors: [412, 413, 415, 422],
        }),
        description:
          'The body is the whole document as YAML or JSON, by Content-Type. If-Match may name the version that must be in effect. Passwords shown as ******** keep their stored value.',
      },
      handler: (request, reply) => apply(request as ApplyRequest, reply, documents),
    });
  }

  app.get(
    '/configuration',
    {
      schema: routeSchema({
        id: 'getConfiguration',
        tag: 'configuration',
        summary: 'The configuration in effect, as JSON or YAML by Accept; passwords are hidden',
        answer: 'Configuration',
        alsoAs: 'application/yaml',
        errors: [404],
      }),
    },
    async (request, reply) => {
      const current = await documents.store.current();
      if (current === undefined) throw nothingApplied();
      reply.header('etag', `"${String(current.version)}"`);
      return sendDocument(request, reply, maskPasswords(current.configuration));
    },
  );

  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/configuration/versions',
    {
      schema: routeSchema({
        id: 'listConfigurationVersions',
        tag: 'configuration',
        summary: 'Versions, newest first',
        query: listQuery,
        answer: 'VersionList',
      }),
    },
    async ({ query: { limit, before } }) => {
      const page = before === undefined ? { limit } : { limit, before };
      return { versions: (await documents.store.list(page)).map(presentVersion) };
    },
  );

  app.get<{ Params: z.output<typeof versionParams> }>(
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
    async ({ params }, reply) => {
      const found = await documents.store.get(params.version);
      if (found === undefined) {
        throw fail(404, 'no-such-version', `there is no version ${String(params.version)}`);
      }
      const configuration = maskPasswords(found.configuration);
      return sendJson(reply, { ...presentVersion(found), configuration });
    },
  );
}

async function apply(
  request: ApplyRequest,
  reply: FastifyReply,
  documents: DocumentStore,
): Promise<unknown> {
  const { dryRun: isDryRun, note } = request.query;
  const mediaType = (request.headers['content-type'] ?? '').toLowerCase();
  const decision = await applyDocument(
    {
      text: request.body ?? '',
      format: mediaType.startsWith('application/json') ? 'json' : 'yaml',
      context: { appliedBy: 'api', note, isDryRun },
      expectedVersion: expectedVersion(request.headers['if-match']),
    },
    documents,
  );
  return reply.header('etag', `"${String(versionOf(decision))}"`).send(answer(decision, isDryRun));
}

function answer(decision: ApplyDecision, isDryRun: boolean): object {
  switch (decision.kind) {
    case 'invalid': {
      const count = decision.mistakes.length;
      const detail = `${String(count)} ${count === 1 ? 'mistake' : 'mistakes'} in the document; nothing was changed`;
      throw new ProblemError(problem(422, 'configuration-invalid', detail, decision.mistakes));
    }
    case 'stale':
      throw fail(
        412,
        'version-changed',
        `version ${String(decision.version)} is in effect, not the one named by If-Match: read it and apply again; nothing was changed`,
      );
    case 'unchanged':
      return { version: decision.version, isChanged: false, isDryRun, changeCount: 0, changes: [] };
    case 'new':
      return {
        version: decision.version,
        isChanged: true,
        isDryRun,
        changeCount: decision.changes.length,
        changes: decision.changes.slice(0, MAX_CHANGES),
      };
  }
}

function versionOf(decision: ApplyDecision): number {
  return decision.kind === 'invalid' ? 0 : decision.version;
}

/** `If-Match: "12"` or `12`; `*` is any version. */
function expectedVersion(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') return undefined;
  const match = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header.trim());
  if (match === null) {
    throw fail(
      400,
      'invalid-request',
      'If-Match must be a version such as "12", as the ETag gives it',
    );
  }
  return Number(match[1]);
}

function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  configuration: Configuration,
): FastifyReply {
  const accept = request.headers.accept ?? '';
  if (!accept.includes('yaml')) return sendJson(reply, configuration);
  // Sent as it is: quoting must survive, since '044' and 44 are not the same prefix.
  return reply
    .type('application/yaml; charset=utf-8')
    .send(stringify(configuration, { aliasDuplicateObjects: false }));
}

/** A document may be huge and of any shape the schema allows: it goes out as it is. */
function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

function nothingApplied(): ProblemError {
  return fail(
    404,
    'no-configuration',
    'no configuration was applied yet: PUT one here, or tandem apply -f FILE',
  );
}
