import { request, withQuery, type PlainRequest } from './client.ts';
import { areLinksAllowed } from './session.ts';

/** Saves an answer of the API as a file: by a plain link where the browser may ask by itself, else out of memory. */
export async function download(
  path: string,
  query: PlainRequest['query'],
  name: string,
): Promise<void> {
  if (areLinksAllowed()) {
    save(withQuery(path, query), name);
    return;
  }
  const answer = await request(path, { query });
  saveBlob(await answer.blob(), name);
}

/** Saves what the page already has. */
export function saveText(text: string, type: string, name: string): void {
  saveBlob(new Blob([text], { type }), name);
}

function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  save(url, name);
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

function save(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}
