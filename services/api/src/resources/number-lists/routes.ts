import { setImmediate } from 'node:timers/promises';
import { didYouMean } from '@tandem/config';
import type { Mistake, NumberListEntry } from '@tandem/config';
import { listContent, NumberList, numbersOf } from '@tandem/domain';
import type { NumberListContent } from '@tandem/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { fail, problem, ProblemError } from '../../api/problem.ts';
import { signedIn } from '../../api/principal.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { readTag } from '../../api/read-tag.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { changeList, readNumbers, withChanges } from '../../change-number-list.ts';
import type { ChangedList, ListChange, StaleList } from '../../change-number-list.ts';
import { readNumberFile } from '../../core/read-number-list.ts';
import { presentLists, presentListVersion } from './presentation.ts';
import type { NumberListChangeRequest } from './schemas.ts';

/** Two million lines with a second column. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;

const listParams = z.object({ name: z.string() });
const versionParams = z.object({ name: z.string(), version: z.int().min(1) });
const changeQuery = z.object({
  dryRun: z.boolean().default(false).describe('Say what would change only.'),
  note: z.string().max(1000).default('').describe('Kept with the version.'),
});
const matchQuery = z.object({ number: z.string().min(1) });

type Params = z.output<typeof listParams>;
type Query = z.output<typeof changeQuery>;

/** What is in the lists of numbers that the document declares (ROUTE-10). */
export function numberListRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { documents, numberLists: store } = parts;
  app.addContentTypeParser(
    ['text/csv', 'text/plain'],
    { parseAs: 'string', bodyLimit: MAX_FILE_BYTES },
    (_request, body, done) => {
      done(null, body);
    },
  );
  const declared = async (): Promise<readonly NumberListEntry[]> =>
    (await documents.store.current())?.configuration.numberLists ?? [];
  const declaredAs = async (name: string): Promise<NumberListEntry> => {
    const lists = await declared();
    const list = lists.find((each) => each.name === name);
    if (list !== undefined) return list;
    const names = lists.map((each) => each.name);
    throw fail(
      404,
      'no-such-list',
      `"${name}" is not in numberLists of the configuration${didYouMean(name, names)}: add it there and apply that`,
    );
  };
  const contentOf = async (name: string, version?: number): Promise<NumberListContent> => {
    const content = await store.content(name, version);
    if (content !== undefined) return content;
    const what = version === undefined ? 'nothing was' : `version ${String(version)} was never, or is no more,`;
    throw fail(404, 'no-such-version', `${what} imported into "${name}"`);
  }; // prettier-ignore
  const change = (
    request: { readonly params: Params; readonly query: Query } & Pick<
      FastifyRequest,
      'headers' | 'principal'
    >,
    defaultNote = '',
  ): ListChange => {
    const { dryRun: isDryRun, note } = request.query;
    return {
      name: request.params.name,
      isDryRun,
      note: note === '' ? defaultNote : note,
      appliedBy: signedIn(request).name,
      seenVersion: readTag(request.headers['if-match']),
    };
  };

  app.get(
    '/number-lists',
    {
      schema: routeSchema({
        id: 'listNumberLists',
        tag: 'configuration',
        summary: 'Lists of numbers, and what was imported into them last',
        answer: 'NumberListList',
        list: 'lists',
      }),
    },
    async () => ({ lists: presentLists(await declared(), await store.list()) }),
  );

  app.put<{ Params: Params; Querystring: Query; Body: string | undefined }>(
    '/number-lists/:name',
    {
      bodyLimit: MAX_FILE_BYTES,
      schema: {
        ...routeSchema({
          id: 'importNumberList',
          tag: 'configuration',
          summary: 'Put the numbers of a file into a list in place of what is in it, or change nothing',
          params: listParams,
          query: changeQuery,
          answer: 'NumberListChanged',
          errors: [404, 412, 413, 415, 422],
        }),
        description:
          'The body is text/csv: one number a line, in the first column; a first line without a digit is a heading. Every line that holds no number is named, and nothing is changed. In effect on every pod within two seconds. If-Match may be the version of the list, as the ETag of its versions and numbers: where it is another one by now, nothing is changed (412).',
      },
    },
    async (request) => {
      const {
        body,
        params: { name },
      } = request;
      await declaredAs(name);
      const file = await readNumberFile(typeof body === 'string' ? body : '', () => setImmediate());
      if (file.kind === 'wrong') throw wrong(file.mistakes, file.count);
      const content = listContent(file.numbers);
      const changed = changedOf(name, await changeList(store, change(request), () => content));
      return { ...changed, duplicates: file.numbers.length - changed.numbers };
    },
  ); // prettier-ignore

  app.post<{ Params: Params; Querystring: Query; Body: NumberListChangeRequest }>(
    '/number-lists/:name/changes',
    {
      bodyLimit: 1024 * 1024,
      schema: routeSchema({
        id: 'changeNumberList',
        tag: 'configuration',
        summary: 'Add numbers to a list, and remove others from it',
        params: listParams,
        query: changeQuery,
        body: 'NumberListChange',
        answer: 'NumberListChanged',
        errors: [404, 412, 422],
      }),
    },
    async (request) => {
      const {
        body,
        params: { name },
      } = request;
      await declaredAs(name);
      const add = readNumbers(body.add, 'add');
      const remove = readNumbers(body.remove, 'remove');
      const mistakes = [...add.mistakes, ...remove.mistakes];
      if (mistakes.length > 0) throw wrong(mistakes, mistakes.length);
      const changed = await changeList(store, change(request), (current) =>
        withChanges(current, { add: add.numbers, remove: remove.numbers }),
      );
      return { ...changedOf(name, changed), duplicates: 0 };
    },
  );

  app.get<{ Params: Params }>(
    '/number-lists/:name/numbers',
    {
      schema: routeSchema({
        id: 'exportNumberList',
        tag: 'configuration',
        summary: 'The numbers that are in a list, one a line, as text/csv',
        params: listParams,
        answer: 'NumberListText',
        alsoAs: 'text/csv',
        errors: [404],
      }),
    },
    async ({ params: { name } }, reply) => {
      // The tag before the numbers: where a version comes in between, it is one too old, and not one too new.
      tagged(reply, await store.versions(name));
      const numbers = [...numbersOf(await contentOf(name))].join('\n');
      return reply.type('text/csv; charset=utf-8').send(`number\n${numbers}\n`);
    },
  );

  app.get<{ Params: Params; Querystring: z.output<typeof matchQuery> }>(
    '/number-lists/:name/match',
    {
      schema: routeSchema({
        id: 'matchNumberList',
        tag: 'configuration',
        summary: 'Whether a list holds a number, as calls would find it',
        params: listParams,
        query: matchQuery,
        answer: 'NumberListMatch',
        errors: [404],
      }),
    },
    async ({ params: { name }, query: { number } }) => {
      const { match } = await declaredAs(name);
      const list = new NumberList(await contentOf(name), match);
      return { name, number, entry: list.find(number) ?? null };
    },
  );

  app.get<{ Params: Params }>(
    '/number-lists/:name/versions',
    {
      schema: routeSchema({
        id: 'listNumberListVersions',
        tag: 'configuration',
        summary: 'The last twenty versions of a list, newest first',
        params: listParams,
        answer: 'NumberListVersionList',
      }),
    },
    async ({ params: { name } }, reply) => {
      const versions = await store.versions(name);
      tagged(reply, versions);
      return { versions: versions.map(presentListVersion) };
    },
  );

  app.post<{ Params: z.output<typeof versionParams>; Querystring: Query }>(
    '/number-lists/:name/versions/:version/rollback',
    {
      schema: routeSchema({
        id: 'rollBackNumberList',
        tag: 'configuration',
        summary: 'Put what was in a version of a list into it again, as a new version',
        params: versionParams,
        query: changeQuery,
        answer: 'NumberListChanged',
        errors: [404, 412],
      }),
    },
    async (request) => {
      const { name, version } = request.params;
      await declaredAs(name);
      const content = await contentOf(name, version);
      const note = `rollback to version ${String(version)}`;
      const changed = await changeList(store, change(request, note), () => content);
      return { ...changedOf(name, changed), duplicates: 0 };
    },
  );
}

/** The version in effect, for If-Match. */
function tagged(reply: FastifyReply, [newest]: readonly { readonly version: number }[]): void {
  reply.header('etag', `"${String(newest?.version ?? 0)}"`);
}

/** @throws ProblemError 412 */
function changedOf(name: string, changed: ChangedList | StaleList): ChangedList {
  if (!('kind' in changed)) return changed;
  const now = changed.version === 0 ? 'nothing is in it' : `version ${String(changed.version)} is in effect`;
  throw fail(
    412,
    'entry-changed',
    `"${name}" was changed since it was read, ${now}: read it again; nothing was changed`,
  );
} // prettier-ignore

function wrong(mistakes: readonly Mistake[], count: number): ProblemError {
  const lines = count === 1 ? '1 line or entry holds' : `${String(count)} lines or entries hold`;
  const shown = count > mistakes.length ? `; the first ${String(mistakes.length)} are named` : '';
  const detail = `${lines} no number; nothing was changed${shown}`;
  return new ProblemError(problem(422, 'numbers-invalid', detail, { mistakes }));
}
