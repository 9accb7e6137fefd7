import { createRequire } from 'node:module';
import { setDefaultCACertificates } from 'node:tls';
import { runInThisContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { start } from './page/main.ts';
import { provideSilentMedia } from './silent-media.ts';

/** What a thread is asked. */
export interface Question {
  readonly id: number;
  readonly expression: string;
}

/** What it answers. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

provideSilentMedia();
// For wss, of this thread alone.
setDefaultCACertificates([(workerData as { readonly ca: string }).ca]);
const require = createRequire(import.meta.url);
Object.assign(globalThis, {
  jssip: () => require('jssip') as unknown,
  sipjs: () => import('sip.js'),
  start,
});

parentPort?.on('message', ({ id, expression }: Question) => {
  const reply = (answer: Omit<Answer, 'id'>): void => parentPort?.postMessage({ id, ...answer });
  const evaluate = async (): Promise<unknown> => (await runInThisContext(expression)) as unknown;
  evaluate().then(
    (value) => {
      reply({ value });
    },
    (error: unknown) => {
      reply({ error: String(error) });
    },
  );
});
