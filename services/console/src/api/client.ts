/** The REST API, with the types of docs/openapi.json. */
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema.gen.ts';
import { authorize, sessionEnded } from './session.ts';

/** The named shapes of the API. */
export type Schemas = components['schemas'];

/** What the server says went wrong (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly mistakes?: readonly { readonly path: string; readonly message: string }[];
  readonly allowRemoval?: number;
}

/** An answer that is none: the request was refused, or nobody answered. */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiProblem';
    this.problem = problem;
  }
}

const credentials: Middleware = {
  onRequest: ({ request: asked }) => {
    authorize(asked.headers, asked.method);
    return asked;
  },
  onResponse: async ({ response }) => {
    if (!response.ok) throw await problemOf(response);
    return response;
  },
};

/** Typed requests: `api.GET('/api/v1/cdrs', { params: { query } })`; they throw ApiProblem. */
export const api = createClient<paths>({ baseUrl: location.origin });
api.use(credentials);

/** The answer of a request of `api`; one that is text (CSV) is not asked for so. */
export async function answerOf<T>(
  asked: Promise<{ readonly data?: T }>,
): Promise<Exclude<NonNullable<T>, string>> {
  const { data } = await asked;
  if (data === undefined || data === null || typeof data === 'string') {
    throw new Error('the answer is not what was asked for');
  }
  return data as Exclude<NonNullable<T>, string>;
}

/** What a request says beside its path. */
export interface PlainRequest {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** What is sent as it is, in place of a body. */
  readonly file?: Blob;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A request by a path that is known only as it runs: entries of the configuration. Throws ApiProblem. */
export async function request(path: string, options: PlainRequest = {}): Promise<Response> {
  const { method = 'GET', query = {}, contentType = 'application/json', signal } = options;
  const body =
    options.file ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const headers = new Headers(options.headers);
  authorize(headers, method);
  if (body !== undefined) headers.set('content-type', contentType);
  const answer = await fetch(withQuery(path, query), {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

/** A path of the API with a query; what is empty stays out of it. */
export function withQuery(path: string, query: PlainRequest['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`;
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  return problemIn(await answer.text().catch(() => ''), answer);
}

/** What an answer that is no success tells, however it was asked for; 401 ends the session. */
export function problemIn(
  text: string,
  { status, statusText: title }: Pick<Response, 'status' | 'statusText'>,
): ApiProblem {
  if (status === 401) sessionEnded();
  const other = { type: 'urn:tandem:problem:unknown', title, status, detail: `the server answers ${String(status)}` }; // prettier-ignore
  try {
    return new ApiProblem({ ...other, ...(JSON.parse(text) as Partial<Problem>) });
  } catch {
    return new ApiProblem(other);
  }
}
