import { configurationSchema } from '@tandem/config';
import { z } from 'zod';
import type { ImportedList } from './entry.ts';

/** What a field of the document takes. */
export type FieldKind = 'text' | 'number' | 'boolean' | 'list' | 'block';

/** Fields of what is no list of its own in the document. */
const ADDED: Partial<Record<ImportedList, readonly string[]>> = {
  rates: ['group', 'currency'],
  prefixes: ['gateway', 'prefix'],
};

/** What a field takes, by its path within an entry, such as `authentication.addresses`; undefined: there is no such field. */
export function fieldKind(list: ImportedList, path: string): FieldKind | undefined {
  if (ADDED[list]?.includes(path) === true) return 'text';
  let schemas = [unwrapped(entrySchema(list))];
  for (const step of path.split('.')) {
    schemas = schemas.flatMap((schema) => {
      const shape: Readonly<Record<string, unknown>> = schema instanceof z.ZodObject ? schema.shape : {}; // prettier-ignore
      return Object.hasOwn(shape, step) ? alternatives(shape[step]) : [];
    });
  }
  return schemas[0] === undefined ? undefined : kindOf(schemas[0]);
}

/** The fields of an entry, for who has written another. */
export function fieldNames(list: ImportedList): string[] {
  const schema = unwrapped(entrySchema(list));
  const own = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return [...(ADDED[list] ?? []), ...(list === 'prefixes' ? [] : own)];
}

function entrySchema(list: ImportedList): unknown {
  const { shape } = configurationSchema;
  if (list === 'prefixes') return z.object({});
  const listed = unwrapped(list === 'rates' ? shape.rateGroups : shape[list]);
  const element = listed instanceof z.ZodArray ? unwrapped(listed.element) : undefined;
  if (list !== 'rates') return element;
  const rates = element instanceof z.ZodObject ? unwrapped(element.shape['rates']) : undefined;
  return rates instanceof z.ZodArray ? rates.element : undefined;
}

function alternatives(schema: unknown): unknown[] {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodUnion ? inner.options.map(unwrapped) : [inner];
}

function kindOf(schema: unknown): FieldKind {
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodArray) return 'list';
  return schema instanceof z.ZodObject || schema instanceof z.ZodRecord ? 'block' : 'text';
}

function unwrapped(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap();
  }
  return inner;
}
