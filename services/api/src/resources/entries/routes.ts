import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../../api/route-parts.ts';
import { entryChangingRoutes } from './changing.ts';
import { entryResources } from './entry-resources.ts';
import { entryReadingRoutes } from './reading.ts';

/** The entries of the configuration one by one: list, read, create, replace, change, remove. */
export function entryRoutes(app: FastifyInstance, { documents }: RouteParts): void {
  // What an entry may be is told by the parser of documents, which names every mistake with its place.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, body);
    },
  );
  for (const resource of entryResources) {
    entryReadingRoutes(app, resource, documents);
    entryChangingRoutes(app, resource, documents);
  }
}
