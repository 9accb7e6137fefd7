import { z } from 'zod';
import type { EntryPlace } from '../../core/entries.ts';
import { entryResources, entrySchema } from './entry-resources.ts';

const page = {
  nextCursor: z.string().nullable().describe('Null on the last page.'),
  total: z.int().describe('Of all pages.'),
};

/** `ConfiguredPhone` and `ConfiguredPhoneList` of each list. */
function shapesOf(): Record<string, z.ZodType> {
  return Object.fromEntries(
    entryResources.flatMap(({ list: { place }, title }): [string, z.ZodType][] => [
      [`Configured${title}`, entrySchema(place)],
      [`Configured${title}List`, z.object({ entries: z.array(listed(place)), ...page })],
    ]),
  );
}

function listed(place: EntryPlace): z.ZodObject {
  const schema = entrySchema(place);
  return place === 'rateGroups'
    ? schema
        .omit({ rates: true })
        .extend({ rateCount: z.int().describe('In the document; those of a sheet are its own.') })
    : schema;
}

/** The named shapes of these resources. */
export const entrySchemas = {
  ...shapesOf(),
  EntryPatch: z
    .record(z.string(), z.unknown())
    .describe('JSON Merge Patch (RFC 7396): null takes a field away, what is not there stays.'),
};
