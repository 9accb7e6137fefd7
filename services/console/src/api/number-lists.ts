/** What is in a list of numbers (ROUTE-10): each change is first tried, and refused where somebody else was quicker. */
import { request, type Schemas } from './client.ts';

/** What is to become of a list. */
export type ListTask =
  | { readonly kind: 'import'; readonly file: Blob }
  | { readonly kind: 'change'; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly kind: 'rollback'; readonly version: number };

export interface ListVersions {
  readonly versions: readonly Schemas['NumberListVersion'][];
  /** By which a change is refused where there is another version by now. */
  readonly tag: string;
}

/** The last versions of a list, newest first. */
export async function readListVersions(name: string): Promise<ListVersions> {
  const answer = await request(`/number-lists/${encodeURIComponent(name)}/versions`);
  const { versions } = (await answer.json()) as Schemas['NumberListVersionList'];
  return { versions, tag: answer.headers.get('etag') ?? '' };
}

/** Does it, or says with `dryRun` what it would change. Throws ApiProblem: 412 where the list is another one, 422 with each line that is wrong. */
export async function changeNumberList(
  { name, tag, task }: { readonly name: string; readonly tag: string; readonly task: ListTask },
  { dryRun, note }: { readonly dryRun: boolean; readonly note: string },
): Promise<Schemas['NumberListChanged']> {
  const path = `/number-lists/${encodeURIComponent(name)}`;
  const options = { query: { note, dryRun }, headers: { 'if-match': tag } };
  const answer = await sent(path, task, options);
  return (await answer.json()) as Schemas['NumberListChanged'];
}

function sent(
  path: string,
  task: ListTask,
  options: NonNullable<Parameters<typeof request>[1]>,
): Promise<Response> {
  switch (task.kind) {
    case 'import':
      return request(path, { ...options, method: 'PUT', file: task.file, contentType: 'text/csv' });
    case 'change': {
      const body = { add: task.add, remove: task.remove };
      return request(`${path}/changes`, { ...options, method: 'POST', body });
    }
    case 'rollback':
      return request(`${path}/versions/${String(task.version)}/rollback`, {
        ...options,
        method: 'POST',
      });
  }
}
