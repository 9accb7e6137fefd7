import { z } from 'zod';
import { time } from '../times.ts';

const numberList = z.object({
  name: z.string(),
  match: z
    .enum(['exact', 'prefix'])
    .nullable()
    .describe(
      'As numberLists of the document says; null: it is not there, and nobody looks at it.',
    ),
  version: z.int().nullable().describe('null: nothing was imported.'),
  numbers: z.int(),
  importedAt: time,
  importedBy: z.string().nullable(),
  note: z.string().nullable(),
});

const numberListVersion = z.object({
  version: z.int(),
  numbers: z.int(),
  importedAt: time,
  importedBy: z.string(),
  note: z.string(),
});

const numberListChanged = z.object({
  name: z.string(),
  version: z.int().describe('In effect within two seconds; with dryRun, that would be in effect.'),
  isChanged: z.boolean(),
  isDryRun: z.boolean(),
  numbers: z.int().describe('That are in it now.'),
  added: z.int(),
  removed: z.int(),
  duplicates: z.int().describe('Lines with a number that stood there already.'),
});

const numbers = z.array(z.string().max(64)).max(10_000).default([]);

const numberListChange = z.object({ add: numbers, remove: numbers });

const numberListMatch = z.object({
  name: z.string(),
  number: z.string(),
  entry: z.string().nullable().describe('The number, or prefix, that holds it; null: none does.'),
});

/** The named shapes of this resource. */
export const numberListSchemas = {
  NumberList: numberList,
  NumberListList: z.object({ lists: z.array(numberList) }),
  NumberListVersion: numberListVersion,
  NumberListVersionList: z.object({ versions: z.array(numberListVersion) }),
  NumberListChanged: numberListChanged,
  NumberListChange: numberListChange,
  NumberListMatch: numberListMatch,
  NumberListText: z.string().describe('One number a line.'),
};

export type NumberListView = z.output<typeof numberList>;
export type NumberListVersionView = z.output<typeof numberListVersion>;
export type NumberListChangeRequest = z.output<typeof numberListChange>;
