import swagger from '@fastify/swagger';
import type { Logger } from '@tandem/service';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { TokenCheck } from '../adapters/token-file.ts';
import { accountRoutes } from '../resources/accounts/routes.ts';
import { callRoutes } from '../resources/calls/routes.ts';
import { cdrRoutes } from '../resources/cdrs/routes.ts';
import { configurationRoutes } from '../resources/configuration/routes.ts';
import { configurationVersionRoutes } from '../resources/configuration-versions/routes.ts';
import { entryRoutes } from '../resources/entries/routes.ts';
import { explainRoutes } from '../resources/explain/routes.ts';
import { journalRoutes } from '../resources/journal/routes.ts';
import { lineRoutes } from '../resources/lines/routes.ts';
import { messageRoutes } from '../resources/messages/routes.ts';
import { networkTestRoutes } from '../resources/network-tests/routes.ts';
import { parameterRoutes } from '../resources/parameters/routes.ts';
import { numberListRoutes } from '../resources/number-lists/routes.ts';
import { podRoutes } from '../resources/pods/routes.ts';
import { reconciliationRoutes } from '../resources/reconciliations/routes.ts';
import { registrationHistoryRoutes } from '../resources/registration-history/routes.ts';
import { outboundRegistrationRoutes } from '../resources/outbound-registrations/routes.ts';
import { registrationRoutes } from '../resources/registrations/routes.ts';
import { routeRoutes } from '../resources/route/routes.ts';
import { statusRoutes } from '../resources/status/routes.ts';
import { gatewayRoutes } from '../resources/gateways/routes.ts';
import { gatewayRestRoutes } from '../resources/gateway-rests/routes.ts';
import { traceRoutes } from '../resources/traces/routes.ts';
import { suspensionRoutes } from '../resources/suspensions/routes.ts';
import { blacklistRoutes } from '../resources/blacklist/routes.ts';
import { authenticationFailureRoutes } from '../resources/authentication-failures/routes.ts';
import { fail, problemOf, ProblemError } from './problem.ts';
import type { RouteParts } from './route-parts.ts';
import { describedSchema } from './route-schema.ts';
import { jsonSchemas } from './schemas.ts';
import { unstorable } from './unstorable-text.ts';

/** Where every route of this version is found. */
const API_PREFIX = '/api/v1';

/** In the order of the description. */
const RESOURCES = [
  configurationRoutes,
  configurationVersionRoutes,
  entryRoutes,
  parameterRoutes,
  numberListRoutes,
  cdrRoutes,
  callRoutes,
  explainRoutes,
  messageRoutes,
  accountRoutes,
  reconciliationRoutes,
  gatewayRoutes,
  gatewayRestRoutes,
  suspensionRoutes,
  registrationRoutes,
  registrationHistoryRoutes,
  journalRoutes,
  traceRoutes,
  outboundRegistrationRoutes,
  blacklistRoutes,
  authenticationFailureRoutes,
  lineRoutes,
  statusRoutes,
  podRoutes,
  networkTestRoutes,
  routeRoutes,
] as const;

/** What the server needs. */
export interface ServerParts extends RouteParts {
  readonly token: TokenCheck;
  readonly logger: Logger;
}

/** Builds the HTTP server without listening. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { logger, token } = parts;
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    // Numbers and booleans of a query arrive as text; a body is taken as it is.
    ajv: { customOptions: { coerceTypes: 'array', removeAdditional: false, allErrors: true } },
    forceCloseConnections: true,
  });
  // What is sent is typed already; compiling a serialiser for each route would cost half a second at start.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  await describe(app);
  for (const schema of jsonSchemas()) app.addSchema(schema);
  app.setErrorHandler((error, request, reply) => sendProblem(error, { request, reply, logger }));
  app.setNotFoundHandler((request, reply) => {
    const detail = `there is no ${request.method} ${request.url.split('?')[0] ?? ''}: see ${API_PREFIX}/openapi.json`;
    return sendProblem(fail(404, 'no-such-resource', detail), { request, reply, logger });
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    logger.info(
      {
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
    done();
  });

  app.get('/healthz', { schema: { hide: true } }, () => ({ status: 'ok' }));
  app.get(`${API_PREFIX}/openapi.json`, { schema: { hide: true } }, () => app.swagger());
  await app.register(
    (api, _options, done) => {
      api.addHook('onRequest', (request, _reply, next) => {
        next(refusal(request, token));
      });
      api.addHook('preValidation', (request, _reply, next) => {
        next(unstorable(request));
      });
      for (const routes of RESOURCES) {
        // In a scope of its own: a resource may read bodies in its own way.
        void api.register((scope, _scopeOptions, registered) => {
          routes(scope, parts);
          registered();
        });
      }
      done();
    },
    { prefix: API_PREFIX },
  );
  await app.ready();
  return app;
}

async function describe(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tandem',
        version: '1',
        description: 'Operations of the Tandem switch. Errors are problems (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'The text in DATA_DIR/api-token, made at first start.',
          },
        },
      },
      tags: ['configuration', 'calls', 'money', 'operation'].map((name) => ({ name })),
    },
    transform: ({ schema, url }) => ({ schema: describedSchema(schema), url }),
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `schema-${String(index)}`,
    },
  });
}

/** Undefined where the request carries the token. */
function refusal(request: FastifyRequest, token: TokenCheck): ProblemError | undefined {
  const header = request.headers.authorization ?? '';
  const match = /^Bearer +(\S+) *$/i.exec(header);
  if (match?.[1] !== undefined && token.isRight(match[1])) return undefined;
  const why =
    header === ''
      ? 'no token was sent'
      : match === null
        ? 'Authorization is not of the form "Bearer TOKEN"'
        : 'this token is not known';
  const { problem } = fail(
    401,
    'not-authenticated',
    `${why}: send Authorization: Bearer with the text in DATA_DIR/api-token of the server`,
  );
  return new ProblemError(problem, { 'www-authenticate': 'Bearer realm="tandem"' });
}

interface Failed {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly logger: Logger;
}

function sendProblem(error: unknown, { request, reply, logger }: Failed): FastifyReply {
  const problem = problemOf(error);
  const where = { method: request.method, route: request.routeOptions.url };
  // What is away says so in its own log: here one line is enough.
  if (problem.status === 503) logger.warn({ ...where, reason: problem.detail }, 'request failed');
  else if (problem.status >= 500) logger.error({ ...where, err: error }, 'request failed');
  if (error instanceof ProblemError) reply.headers(error.headers);
  if (problem.status === 503) reply.header('retry-after', '2');
  return reply
    .code(problem.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}
