import { maskPasswords, releaseMemory, type Configuration } from '@tandem/config';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { writeDocument } from '../../adapters/document-text.ts';
import { fail, type ProblemError } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { applyDocument, type DocumentStore } from '../../apply-document.ts';
import { applyQuery, readApplyTerms, REMOVAL_RULE } from './apply-terms.ts';
import { sendDecision } from './presentation.ts';

/** A sheet of a million rates is some 80 MB of YAML. */
const MAX_DOCUMENT_BYTES = 128 * 1024 * 1024;

type ApplyRequest = FastifyRequest<{
  Querystring: z.output<typeof applyQuery>;
  Body: string | undefined;
}>;

/** The whole configuration as one document: apply, read. */
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
          errors: [409, 412, 413, 415, 422],
        }),
        description: `The body is the whole document as YAML or JSON, by Content-Type. If-Match may name the version that must be in effect. Passwords shown as ******** keep their stored value. An empty document is a mistake. ${REMOVAL_RULE}`,
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
}

async function apply(
  request: ApplyRequest,
  reply: FastifyReply,
  documents: DocumentStore,
): Promise<FastifyReply> {
  const mediaType = (request.headers['content-type'] ?? '').toLowerCase();
  const terms = readApplyTerms(request);
  const decision = await applyDocument(
    {
      ...terms,
      text: request.body ?? '',
      format: mediaType.startsWith('application/json') ? 'json' : 'yaml',
    },
    documents,
  );
  return sendDecision(reply, decision, terms.context.isDryRun);
}

async function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  configuration: Configuration,
): Promise<FastifyReply> {
  const isYaml = (request.headers.accept ?? '').includes('yaml');
  const text = isYaml ? await writeDocument(configuration) : JSON.stringify(configuration);
  releaseMemory(text.length);
  return reply.type(`application/${isYaml ? 'yaml' : 'json'}; charset=utf-8`).send(text);
}

function nothingApplied(): ProblemError {
  return fail(
    404,
    'no-configuration',
    'no configuration was applied yet: PUT one here, or tandem apply -f FILE',
  );
}
