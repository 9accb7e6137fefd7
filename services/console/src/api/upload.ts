import { problemIn, withQuery, type PlainRequest } from './client.ts';
import { authorize } from './session.ts';

interface Upload {
  readonly query: PlainRequest['query'];
  /** Told the share of the file that was sent, 0 to 1. */
  readonly onSent: (share: number) => void;
}

/** Sends a file as it is, and shows how far that is, which fetch cannot. @throws ApiProblem */
export function upload<Answer>(path: string, file: Blob, { onSent, query }: Upload): Promise<Answer> {
  const { promise, reject, resolve } = Promise.withResolvers<Answer>();
  const sending = new XMLHttpRequest();
  sending.open('POST', withQuery(path, query));
  const headers = new Headers({ 'content-type': 'text/csv' });
  authorize(headers, 'POST');
  for (const [name, value] of headers) sending.setRequestHeader(name, value);
  sending.upload.onprogress = ({ loaded, total }) => {
    onSent(total === 0 ? 1 : loaded / total);
  };
  sending.onerror = () => {
    reject(new Error('the connection broke'));
  };
  sending.onload = () => {
    if (sending.status === 200) resolve(JSON.parse(sending.responseText) as Answer);
    else reject(problemIn(sending.responseText, sending));
  };
  sending.send(file);
  return promise;
} // prettier-ignore
