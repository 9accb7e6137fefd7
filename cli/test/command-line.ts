import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../src/run-cli.ts';

/** A request as the API would receive it. */
export interface Received {
  readonly method: string;
  /** Below /api/v1, with the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** What the API answers: an object as JSON, text as it is, or a problem with its status. */
type Answer = object | string | { readonly status: number; readonly problem: object | string };

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly received: readonly Received[];
}

interface RunOptions {
  readonly answer?: (request: Received) => Answer;
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly isWatched?: boolean;
}

/** Runs a command line with a token file, and an API that is a function. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-cli-'));
  const tokenFile = join(folder, 'api-token');
  writeFileSync(tokenFile, 'secret-token\n');
  const received: Received[] = [];
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, {
    env: { TANDEM_TOKEN_FILE: tokenFile, ...options.env },
    stdin: stdinOf(options.stdin ?? ''),
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    isWatched: options.isWatched === true,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { pathname, search } = new URL(request.url);
      const seen = {
        method: request.method,
        path: pathname.replace('/api/v1', '') + search,
        headers: request.headers,
        body: await request.text(),
      };
      received.push(seen);
      return responseOf(options.answer?.(seen) ?? {});
    },
  });
  rmSync(folder, { recursive: true });
  return { code, stdout, stderr, received };
}

function responseOf(answer: Answer): Response {
  if (typeof answer === 'string') return new Response(answer);
  if ('problem' in answer && 'status' in answer) {
    const { problem, status } = answer as { problem: object | string; status: number };
    return typeof problem === 'string'
      ? new Response(problem, { status })
      : Response.json(problem, { status });
  }
  return Response.json(answer);
}

// eslint-disable-next-line @typescript-eslint/require-await -- standard input is read asynchronously
async function* stdinOf(text: string): AsyncGenerator<Buffer> {
  if (text !== '') yield Buffer.from(text);
}
