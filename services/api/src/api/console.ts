import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A year: the name of such a file says what is in it. */
const HASHED = 'public, max-age=31536000, immutable';
/** Asked after each time, and sent only where it is another one by now. */
const CURRENT = 'no-cache';

/**
 * What every answer tells browsers: nothing is loaded from elsewhere, nothing that stands in a document is run or styles it, and no other
 * site shows it in a frame. HSTS is left to whoever ends TLS.
 */
export async function secureHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    strictTransportSecurity: false,
  });
}

/**
 * Serves the console out of the folder that it was built into (`services/console/dist`): its files, and its one document for every
 * address that is a page of it.
 * @returns false where it was not built: nothing is served then
 */
export async function serveConsole(app: FastifyInstance, folder: string): Promise<boolean> {
  if (!existsSync(join(folder, 'index.html'))) return false;
  await app.register(files, {
    root: folder,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes(`${sep}assets${sep}`) ? HASHED : CURRENT);
    },
  });
  return true;
}

/** Whether a request that no file answers is one for a page of the console, which its script shows. */
export function isForPage({ method, url, headers }: FastifyRequest): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  const isOther = /^\/(api|assets)(\/|$|\?)/.test(url) || url.startsWith('/healthz');
  return isRead && !isOther && (headers.accept ?? '').includes('text/html');
}

/** The document of the console. */
export function sendConsole(reply: FastifyReply): FastifyReply {
  return reply.sendFile('index.html');
}
