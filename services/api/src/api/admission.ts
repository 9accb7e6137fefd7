import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TokenCheck } from '../adapters/token-file.ts';
import { TOKEN_FILE_NAME } from '../core/operators/operators.ts';
import { accessOf, rolesIn, type Access } from '../core/operators/roles.ts';
import { digest, type SignIns } from '../sign-ins.ts';
import { CSRF_COOKIE, SESSION_COOKIE } from './cookies.ts';
import { mayDo, type Principal } from './principal.ts';
import { fail, problem, ProblemError } from './problem.ts';

/** What lets requests in. */
export interface AdmissionParts {
  readonly token: TokenCheck;
  readonly signIns: SignIns;
  /** Requests a minute of somebody who is signed in; of an address that is not, a tenth. */
  readonly requestsPerMinute: number;
}

/** What somebody may do who has to change his password first. */
const BEFORE_CHANGE = new Set(['getSession', 'signOut', 'changePassword']);

type Limit = ReturnType<FastifyInstance['createRateLimit']>;

/** Has every route of a scope say who may do it, and every request show who it is of (OPS-12). */
export function addAdmission(app: FastifyInstance, parts: AdmissionParts): void {
  app.decorateRequest('principal', undefined);
  app.addHook('onRoute', ({ schema, url }) => {
    const operation = operationIn(schema);
    if (accessOf(operation) === undefined) {
      throw new Error(`${url} (${operation}) is not in operationAccess: say who may do it`);
    }
  });
  const limitOf = (max: number, key: (request: FastifyRequest) => string): Limit =>
    app.createRateLimit({ max, timeWindow: 60_000, keyGenerator: key });
  const ofOperators = limitOf(
    parts.requestsPerMinute,
    ({ principal }) => `user ${principal?.name ?? ''}`,
  );
  const ofStrangers = limitOf(Math.ceil(parts.requestsPerMinute / 10), ({ ip }) => `address ${ip}`);

  app.addHook('onRequest', async (request) => {
    const operation = operationIn(request.routeOptions.schema);
    const access = accessOf(operation) ?? [];
    if (access === 'public') {
      await held(ofStrangers, request);
      return;
    }
    const found = await principalOf(request, parts);
    if (found instanceof ProblemError) {
      await held(ofStrangers, request);
      throw found;
    }
    request.principal = found;
    await held(ofOperators, request);
    check(found, operation, access);
  });
}

/** The id of the operation that a route is. */
export function operationIn(schema: unknown): string {
  return (schema as { operationId?: string } | undefined)?.operationId ?? '';
}

function check(principal: Principal, operation: string, access: Access): void {
  if (principal.mustChangePassword && !BEFORE_CHANGE.has(operation)) {
    const detail = 'change your password first: PUT /api/v1/session/password, or tandem sign-in';
    throw fail(403, 'password-change-needed', detail);
  }
  if (mayDo(principal, access)) return;
  const detail = `${principal.name} is ${principal.roles.join(' with a token of ')}, and this needs ${rolesIn(access)}: ask an administrator`;
  throw fail(403, 'not-allowed', detail);
}

async function held(limit: Limit, request: FastifyRequest): Promise<void> {
  const found = await limit(request);
  if (found.isAllowed || !found.isExceeded) return;
  const seconds = String(found.ttlInSeconds);
  const detail = `more than ${String(found.max)} requests within a minute: go on in ${seconds} s`;
  throw new ProblemError(problem(429, 'too-many-requests', detail), { 'retry-after': seconds });
}

/** Who a request is of: a token goes before a cookie. */
async function principalOf(
  request: FastifyRequest,
  parts: AdmissionParts,
): Promise<Principal | ProblemError> {
  const header = request.headers.authorization;
  if (header !== undefined) return byToken(header, parts);
  const cookie = request.cookies[SESSION_COOKIE];
  if (cookie !== undefined) return bySession(cookie, request, parts);
  return unknown('nobody is signed in');
}

async function byToken(
  header: string,
  { signIns, token }: AdmissionParts,
): Promise<Principal | ProblemError> {
  const given = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (given === undefined) return unknown('Authorization is not of the form "Bearer TOKEN"');
  if (token.isRight(given)) return tokenFilePrincipal;
  const found = await signIns.token(given);
  if (found === undefined) return unknown('this token is not known, or has expired');
  const { operator, token: api } = found;
  return {
    name: operator.name,
    displayName: operator.displayName,
    role: api.role,
    roles: api.role === operator.role ? [api.role] : [api.role, operator.role],
    method: 'token',
    since: api.createdAt,
    expiresAt: api.expiresAt,
    mustChangePassword: false,
    operator,
    session: undefined,
  };
}

/** The first administrator's way in: whoever can read the file. */
const tokenFilePrincipal: Principal = {
  name: TOKEN_FILE_NAME,
  displayName: 'DATA_DIR/api-token',
  role: 'administrator',
  roles: ['administrator'],
  method: 'token-file',
  since: undefined,
  expiresAt: undefined,
  mustChangePassword: false,
  operator: undefined,
  session: undefined,
};

async function bySession(
  cookie: string,
  request: FastifyRequest,
  { signIns }: AdmissionParts,
): Promise<Principal | ProblemError> {
  const found = await signIns.session(cookie);
  if (found === undefined) return unknown('this session has ended');
  // What changes nothing needs no proof that a page of ours asks: another one cannot read the answer.
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && !isCsrf(request.headers['x-csrf-token'], found.csrfHash)) {
    const detail = `X-CSRF-Token is missing or wrong: send what the cookie ${CSRF_COOKIE} holds; nothing was done`;
    throw fail(403, 'csrf-token-wrong', detail);
  }
  const { operator, session } = found;
  return {
    name: operator.name,
    displayName: operator.displayName,
    role: operator.role,
    roles: [operator.role],
    method: session.method,
    since: session.since,
    expiresAt: session.expiresAt,
    mustChangePassword: operator.mustChangePassword,
    operator,
    session,
  };
}

function isCsrf(given: string | readonly string[] | undefined, hash: Buffer): boolean {
  return typeof given === 'string' && timingSafeEqual(digest(given), hash);
}

function unknown(why: string): ProblemError {
  const detail = `${why}: sign in at POST /api/v1/sign-in, or send Authorization: Bearer with a token of yours or the text in DATA_DIR/api-token of the server`;
  const headers = { 'www-authenticate': 'Bearer realm="tandem"' };
  return new ProblemError(problem(401, 'not-authenticated', detail), headers);
}
