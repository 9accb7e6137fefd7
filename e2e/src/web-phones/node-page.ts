import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Answer, Question } from './node-page-thread.ts';
import type { Page } from './web-phone.ts';

/** Opens what stands for the page of a phone where there is no browser: a thread of Node with its WebSocket, and media that is silent. */
export async function openNodePage(authority: { readonly pem: string }): Promise<Page> {
  const thread = new Worker(new URL('node-page-thread.ts', import.meta.url), {
    workerData: { ca: authority.pem },
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let failure: Error | undefined;
  thread.on('message', ({ id, value, error }: Answer) => {
    if (error === undefined) waiting.get(id)?.resolve(value);
    else waiting.get(id)?.reject(new Error(error));
    waiting.delete(id);
  });
  thread.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
    for (const { reject } of waiting.values()) reject(failure);
  });
  await once(thread, 'online');
  // A test that fails does not wait for it.
  thread.unref();
  return {
    evaluate: (expression) => {
      if (failure !== undefined) return Promise.reject(failure);
      const answer = Promise.withResolvers<unknown>();
      waiting.set(++lastId, answer);
      thread.postMessage({ id: lastId, expression } satisfies Question);
      return answer.promise;
    },
    close: async () => {
      await thread.terminate();
    },
  };
}
