import { createHash } from 'node:crypto';
import { z } from 'zod';
import { configurationSchema, type Configuration } from './document.ts';

let shape: string | undefined;

/** Names the form of the document in this release: it changes with any field or default. */
export function configurationShape(): string {
  shape ??= createHash('sha256')
    .update(JSON.stringify(z.toJSONSchema(configurationSchema)))
    .digest('base64url');
  return shape;
}

/**
 * A stored document as a configuration of this release. One that this release stored is taken as it is: to check a
 * million prefixes again would hold up the calls of the service that reads them.
 * @param storedShape what `configurationShape` was when the document was stored
 * @throws ZodError where a document of another release does not fit
 */
export function completeConfiguration(document: unknown, storedShape: string): Configuration {
  return storedShape === configurationShape()
    ? (document as Configuration)
    : configurationSchema.parse(document);
}
