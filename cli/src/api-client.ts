import { readFile } from 'node:fs/promises';
import { readEvents, type ServerEvent } from './server-events.ts';
import { CliError, exitCodes, type Detail, type ExitCode } from './cli-error.ts';

/** Where the API is, and how to be let in. */
export interface ApiSettings {
  /** Such as http://127.0.0.1:8080. */
  readonly url: string;
  readonly tokenFile: string;
  /** Sends a request: the platform's fetch, or that of a test. */
  readonly fetch: typeof fetch;
}

/** One request; `body` is sent as it is. */
export interface ApiRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below /api/v1, with its segments encoded. */
  readonly path: string;
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Names that stand in the query once for each value. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A file is sent as it is read, however long it is and takes. */
  readonly body?: string | ReadableStream<Uint8Array>;
}

/** A JSON object as the API sends it. */
export type Json = Readonly<Record<string, unknown>>;

const DEADLINE_MS = 60_000;

/** Talks to the API; every failure becomes a CliError that says what to do. */
export class ApiClient {
  readonly #settings: ApiSettings;
  #token: string | undefined;

  constructor(settings: ApiSettings) {
    this.#settings = settings;
  }

  async json(request: ApiRequest): Promise<Json> {
    return JSON.parse(await this.text(request)) as Json;
  }

  /** A long answer as it comes; only its beginning has a deadline. It throws where the answer breaks off. */
  async *chunks(request: ApiRequest): AsyncGenerator<Uint8Array> {
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      deadline.abort();
    }, DEADLINE_MS);
    const response = await this.#send(request, deadline.signal).finally(() => {
      clearTimeout(timer);
    });
    if (!response.ok) throw this.#failure(response.status, await response.text());
    try {
      for await (const chunk of response.body ?? []) yield chunk as Uint8Array;
    } catch (error) {
      throw new CliError(
        exitCodes.unreachable,
        `${this.#settings.url} broke off (${causeOf(error)}): what has come is not all.`,
      );
    }
  }

  async text(request: ApiRequest): Promise<string> {
    const response = await this.#send(request);
    const body = await response.text();
    if (response.ok) return body;
    throw this.#failure(response.status, body);
  }

  /** A page of a list as CSV, and the cursor of the next one. */
  async csvPage(
    request: ApiRequest,
  ): Promise<{ readonly text: string; readonly next: string | undefined }> {
    const response = await this.#send(request);
    const text = await response.text();
    if (!response.ok) throw this.#failure(response.status, text);
    return { text, next: response.headers.get('x-next-cursor') ?? undefined };
  }

  /** An answer that is no text. */
  async bytes(request: ApiRequest): Promise<Buffer> {
    const response = await this.#send(request);
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    throw this.#failure(response.status, await response.text());
  }

  /** Server-sent events, until the API ends them. */
  async *events(request: ApiRequest): AsyncGenerator<ServerEvent> {
    const response = await this.#send(request, null);
    if (!response.ok) throw this.#failure(response.status, await response.text());
    try {
      yield* readEvents(response.body);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  /** @param signal null: it may take as long as it takes */
  async #send(
    { method = 'GET', path, query = {}, lists = {}, headers = {}, body }: ApiRequest,
    signal: AbortSignal | null = typeof body === 'object' ? null : AbortSignal.timeout(DEADLINE_MS),
  ): Promise<Response> {
    const url = this.#url(path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    for (const [name, values] of Object.entries(lists)) {
      for (const value of values) url.searchParams.append(name, value);
    }
    const authorization = `Bearer ${await this.#readToken()}`;
    try {
      return await this.#settings.fetch(url, {
        method,
        headers: { ...headers, authorization },
        signal,
        ...(body === undefined ? {} : { body }),
        // Fetch sends what streams in one direction at a time.
        ...(typeof body === 'object' ? { duplex: 'half' as const } : {}),
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #unreachable(error: unknown): CliError {
    return new CliError(
      exitCodes.unreachable,
      `${this.#settings.url} does not answer (${causeOf(error)}). Is the switch running? Start it with make run, or name another address with --api or TANDEM_API.`,
    );
  }

  #url(path: string): URL {
    const base = this.#settings.url.replace(/\/+$/, '');
    try {
      return new URL(`${base}/api/v1${path}`);
    } catch {
      throw new CliError(
        exitCodes.usage,
        `"${this.#settings.url}" is no URL: write one such as http://127.0.0.1:8080`,
      );
    }
  }

  async #readToken(): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    try {
      this.#token = (await readFile(this.#settings.tokenFile, 'utf8')).trim();
      return this.#token;
    } catch (error) {
      throw new CliError(
        exitCodes.notAuthenticated,
        `The token file ${this.#settings.tokenFile} cannot be read (${causeOf(error)}). The switch makes it at its first start in its data directory: name it with --token-file or TANDEM_TOKEN_FILE, or sign in with tandem sign-in NAME.`,
      );
    }
  }

  #failure(status: number, body: string): CliError {
    const { detail, mistakes } = problemIn(body);
    if (status === 401) {
      return new CliError(
        exitCodes.notAuthenticated,
        `The token in ${this.#settings.tokenFile} is not one of ${this.#settings.url}, or has expired: name the right file with --token-file or TANDEM_TOKEN_FILE, or sign in with tandem sign-in NAME.`,
      );
    }
    const message =
      detail ?? `${this.#settings.url} answered ${String(status)}, which is no answer of Tandem`;
    return new CliError(exitCodeOf(status), `${message.replace(/\.$/, '')}.`, mistakes);
  }
}

/** A segment of a path. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

function exitCodeOf(status: number): ExitCode {
  return status >= 500 ? exitCodes.unreachable : exitCodes.refused;
}

function problemIn(body: string): { detail?: string; mistakes: readonly Detail[] } {
  try {
    const { detail, mistakes } = JSON.parse(body) as { detail?: unknown; mistakes?: unknown };
    return {
      ...(typeof detail === 'string' ? { detail } : {}),
      mistakes: Array.isArray(mistakes) ? (mistakes as readonly Detail[]) : [],
    };
  } catch {
    return { mistakes: [] };
  }
}

/** What a failed request has failed by. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause ? String(cause.code) : '';
  return code === '' ? cause.message : code;
}
