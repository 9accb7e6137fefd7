import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import type { Logger } from '@tandem/service';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { TokenCheck } from '../adapters/token-file.ts';
import { accountRoutes } from '../resources/accounts/routes.ts';
import { callAnalysisRoutes } from '../resources/call-analysis/routes.ts';
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
import { disputeRoutes } from '../resources/disputes/routes.ts';
import { reratingRoutes } from '../resources/reratings/routes.ts';
import { invoiceRoutes } from '../resources/invoices/routes.ts';
import { paymentRoutes } from '../resources/payments/routes.ts';
import { numberListRoutes } from '../resources/number-lists/routes.ts';
import { podRoutes } from '../resources/pods/routes.ts';
import { rateRoutes } from '../resources/rates/routes.ts';
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
import { alarmRoutes } from '../resources/alarms/routes.ts';
import { auditRoutes } from '../resources/audit/routes.ts';
import { liveRoutes } from '../resources/live/routes.ts';
import { replayRoutes } from '../resources/replays/routes.ts';
import { sessionRoutes } from '../resources/sessions/routes.ts';
import { signInRoutes } from '../resources/sign-in/routes.ts';
import { tokenRoutes } from '../resources/tokens/routes.ts';
import { userRoutes } from '../resources/users/routes.ts';
import { addAdmission } from './admission.ts';
import { addAudit } from './audit-hook.ts';
import { auditReadings } from './audit-readings.ts';
import { addCsvLists } from './csv-lists.ts';
import { CSRF_COOKIE, SESSION_COOKIE } from './cookies.ts';
import { isForPage, secureHeaders, sendConsole, serveConsole } from './console.ts';
import { lazyValidators } from './lazy-validators.ts';
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
  rateRoutes,
  cdrRoutes,
  callRoutes,
  callAnalysisRoutes,
  explainRoutes,
  messageRoutes,
  accountRoutes,
  paymentRoutes,
  invoiceRoutes,
  disputeRoutes,
  reratingRoutes,
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
  alarmRoutes,
  routeRoutes,
  replayRoutes,
  signInRoutes,
  sessionRoutes,
  userRoutes,
  tokenRoutes,
  auditRoutes,
  liveRoutes,
] as const;

/** What the server needs. */
export interface ServerParts extends RouteParts {
  readonly token: TokenCheck;
  readonly logger: Logger;
  /** Addresses and blocks of proxies whose X-Forwarded-For counts. @default none */
  readonly proxies?: readonly string[] | undefined;
  /** Requests a minute of a user, to each pod; of an address that is nobody's, a tenth. @default 6000 */
  readonly requestsPerMinute?: number | undefined;
  /** Where the console was built. @default none is served */
  readonly consoleFolder?: string;
}

const REQUESTS_PER_MINUTE = 6000;

/** Builds the HTTP server without listening. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { logger, proxies, requestsPerMinute = REQUESTS_PER_MINUTE, token } = parts;
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    forceCloseConnections: true,
    // What the router itself refuses, before any route.
    frameworkErrors: (error, request, reply) => void sendProblem(error, { request, reply, logger }),
    ...(proxies === undefined || proxies.length === 0 ? {} : { trustProxy: [...proxies] }),
  });
  // What is sent is typed already; compiling a serialiser for each route would cost half a second at start.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  await describe(app);
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  const schemas = jsonSchemas();
  for (const schema of schemas) app.addSchema(schema);
  app.setValidatorCompiler(lazyValidators(schemas));
  app.setErrorHandler((error, request, reply) => sendProblem(error, { request, reply, logger }));
  await secureHeaders(app);
  const hasConsole =
    parts.consoleFolder !== undefined && (await serveConsole(app, parts.consoleFolder));
  if (parts.consoleFolder !== undefined && !hasConsole) {
    logger.warn({ folder: parts.consoleFolder }, 'the console is not built: make console');
  }
  app.setNotFoundHandler((request, reply) => {
    if (hasConsole && isForPage(request)) return sendConsole(reply);
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
      addAdmission(api, { token, signIns: parts.operators.signIns, requestsPerMinute });
      api.addHook('preValidation', (request, _reply, next) => {
        next(unstorable(request));
      });
      addCsvLists(api);
      addAudit(api, { audit: parts.operators.audit, logger, parts, readings: auditReadings });
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
            description:
              'A token of a user, or the text in DATA_DIR/api-token, made at first start.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: SESSION_COOKIE,
            description: 'Set by POST /sign-in.',
          },
          csrf: {
            type: 'apiKey',
            in: 'header',
            name: 'X-CSRF-Token',
            description: `What the cookie ${CSRF_COOKIE} holds; not needed for GET.`,
          },
        },
      },
      tags: ['configuration', 'calls', 'money', 'operation', 'operators'].map((name) => ({ name })),
    },
    transform: ({ schema, url }) => ({ schema: describedSchema(schema), url }),
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `schema-${String(index)}`,
    },
  });
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
