import type { FastifyInstance, FastifySchema } from 'fastify';
import { z } from 'zod';
import { csvText } from '../resources/csv.ts';
import { schemas } from './schemas.ts';

/** Where a schema of a route says which list its answer holds; it is not part of the description. */
const LIST = Symbol('list');

interface CsvList {
  /** The field of the answer that holds the rows. */
  readonly field: string;
  readonly columns: readonly string[];
}

/** What every list takes that is also told as CSV. */
export const csvFormat = z.enum(['json', 'csv']).optional().describe('csv: as text/csv.');

/**
 * Says that an answer holds a list, which is told as CSV where `format=csv` asks for that: the fields of its rows that are texts,
 * numbers and booleans.
 */
export function csvList(answer: keyof typeof schemas, field: string): object {
  const shape: Readonly<Record<string, z.ZodType>> = (schemas[answer] as z.ZodObject).shape;
  const row = (shape[field] as z.ZodArray<z.ZodObject>).element;
  const { properties = {} } = z.toJSONSchema(row, { io: 'input' });
  const columns = Object.keys(properties).filter((name) => isPlain(properties[name]));
  return { [LIST]: { field, columns } satisfies CsvList };
}

/** Has lists of a scope be told as CSV where that is asked for; the cursor of the next page is X-Next-Cursor then. */
export function addCsvLists(app: FastifyInstance): void {
  app.addHook('preSerialization', (request, reply, payload, done) => {
    const list = listOf(request.routeOptions.schema);
    const { format } = request.query as { readonly format?: string };
    const isWanted = list !== undefined && format === 'csv' && reply.statusCode === 200;
    if (!isWanted || !isRecord(payload)) {
      done(null, payload);
      return;
    }
    const next = payload['nextCursor'] ?? payload['nextAfter'];
    if (typeof next === 'string') reply.header('x-next-cursor', next);
    const rows = payload[list.field] as readonly Readonly<Record<string, unknown>>[];
    reply.type('text/csv; charset=utf-8').serializer(String);
    done(null, csvText(rows, list.columns));
  });
}

function listOf(schema: FastifySchema | undefined): CsvList | undefined {
  return (schema as { readonly [LIST]?: CsvList } | undefined)?.[LIST];
}

/** Whether a field is nothing that has a structure. */
function isPlain(schema: unknown): boolean {
  if (!isRecord(schema)) return true;
  if ('$ref' in schema) return false;
  const { anyOf, type } = schema;
  if (Array.isArray(anyOf)) return anyOf.every(isPlain);
  return type !== 'object' && type !== 'array';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
