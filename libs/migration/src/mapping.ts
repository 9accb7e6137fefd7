import { didYouMean } from '@tandem/config';
import { timeZoneMistake } from '@tandem/time-zones';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { importedLists, keyField, type ImportedList } from './entry.ts';
import { fieldKind, fieldNames } from './field-kinds.ts';
import { UnreadableFile } from './table.ts';

const constant = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const field = z.strictObject({
  column: z.string().optional().describe('The column that it stands in.'),
  columns: z.array(z.string()).min(1).optional().describe('Several, put together by `join`.'),
  join: z.string().default('').describe('Between what stands in `columns`; empty ones are left out.'), // prettier-ignore
  value: constant.optional().describe('The same for all lines, in place of a column.'),
  default: constant.optional().describe('Where nothing stands in the column.'),
  values: z
    .record(z.string(), constant)
    .optional()
    .describe('What is found, and what it means: every other text does not fit.'),
  split: z.string().min(1).optional().describe('Between the entries of a list.'),
  as: z
    .enum(['name', 'digits', 'decimal-comma', 'utc'])
    .optional()
    .describe(
      'name: what no name may have becomes "-". digits: all but digits, +, * and # is left out. decimal-comma: 0,0123. utc: 2026-01-31 12:00:00, in UTC.',
    ),
});

const columns = z.record(z.string(), z.union([z.string(), field]));

/** How a CSV file is written, and which of its lines count. */
const csvTerms = {
  delimiter: z.string().length(1).optional().describe('Not set: found out.'),
  encoding: z.string().optional().describe('Not set: found out.'),
  heading: z.boolean().optional().describe('false: no line names the columns; they are 1, 2, 3 …'),
  skip: z.int().min(0).optional().describe('Lines before the heading.'),
  only: z
    .record(z.string(), z.array(z.string()))
    .default({})
    .describe('Lines alone that have one of these texts in these columns.'),
};

const tableMapping = z.strictObject({
  file: z.string().describe('Which files: a name, in which * stands for anything.'),
  into: z.enum(importedLists).describe('The list of the document that its lines are entries of.'),
  ...csvTerms,
  collect: z
    .array(z.string())
    .default([])
    .describe('Lists of an entry that stand in several lines of its name.'),
  columns,
});

const mappingSchema = z.strictObject({ tables: z.array(tableMapping).min(1) });

const cdrMappingSchema = z.strictObject({ cdrs: z.strictObject({ ...csvTerms, columns }) });

/** What a line of another switch's CDRs is read for. */
const cdrFields = ['id', 'from', 'caller', 'callee', 'at', 'gateway', 'code', 'seconds', 'price'] as const; // prettier-ignore
const neededCdrFields = ['from', 'callee', 'gateway'] as const;

const disputeMappingSchema = z.strictObject({
  ...csvTerms,
  timeZone: z
    .string()
    .default('UTC')
    .superRefine((value, context) => {
      const message = timeZoneMistake(value);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe('By whose clocks times are written that have no offset.'),
  dates: z.enum(['ymd', 'dmy', 'mdy']).default('ymd').describe('How days are written.'),
  columns,
});

/** What a line of another side's CDRs is read for, where they are compared with ours. */
const disputeFields = ['id', 'caller', 'callee', 'at', 'seconds', 'price'] as const;
const neededDisputeFields = ['callee', 'at', 'seconds'] as const;

/** How one kind of file becomes entries of the document. */
export type TableMapping = Omit<z.output<typeof tableMapping>, 'columns'> & {
  readonly columns: ReadonlyMap<string, FieldMapping>;
};
export type FieldMapping = z.output<typeof field>;
/** How CDRs of another switch are read. */
export type CdrMapping = Omit<z.output<typeof cdrMappingSchema>['cdrs'], 'columns'> & {
  readonly columns: ReadonlyMap<string, FieldMapping>;
};

/** How CDRs of another side are read that are compared with ours. */
export type DisputeMapping = Omit<z.output<typeof disputeMappingSchema>, 'columns'> & {
  readonly columns: ReadonlyMap<string, FieldMapping>;
};

interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Thrown where a mapping file has mistakes: all of them, with their lines. */
export class MappingMistakes extends Error {
  readonly mistakes: readonly { path: string; message: string; line: number }[];

  constructor(file: string, mistakes: MappingMistakes['mistakes']) {
    const count = `${String(mistakes.length)} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`;
    super(`${file} has ${count}`);
    this.name = 'MappingMistakes';
    this.mistakes = mistakes;
  }
}

/** Reads a mapping file for an import. @throws MappingMistakes, UnreadableFile */
export function readMapping(file: string, text: string): TableMapping[] {
  const { tables } = readWritten(file, text, {
    schema: mappingSchema,
    check: (read) => read.tables.flatMap(mistakesOf),
  });
  return tables.map((table) => ({ ...table, columns: fieldsOf(table.columns) }));
}

/** Reads a mapping file for CDRs. @throws MappingMistakes, UnreadableFile */
export function readCdrMapping(file: string, text: string): CdrMapping {
  const { cdrs } = readWritten(file, text, {
    schema: cdrMappingSchema,
    check: (read) => cdrMistakes(read.cdrs.columns),
  });
  return { ...cdrs, columns: fieldsOf(cdrs.columns) };
}

/** Reads a mapping, YAML or JSON, for CDRs that are compared with ours. @throws MappingMistakes, UnreadableFile */
export function readDisputeMapping(file: string, text: string): DisputeMapping {
  const mapping = readWritten(file, text, {
    schema: disputeMappingSchema,
    check: (read) =>
      columnMistakes(read.columns, {
        at: ['columns'],
        fields: disputeFields,
        needed: neededDisputeFields,
      }),
  });
  return { ...mapping, columns: fieldsOf(mapping.columns) };
}

function readWritten<Schema extends z.ZodType>(
  file: string,
  text: string,
  { check, schema }: { readonly schema: Schema; readonly check: (read: z.output<Schema>) => Mistake[] }, // prettier-ignore
): z.output<Schema> {
  const lines = new LineCounter();
  const tree = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = tree.errors;
  if (broken !== undefined) {
    throw new UnreadableFile(file, `is no YAML: ${broken.message}`, lines.linePos(broken.pos[0]).line); // prettier-ignore
  }
  const parsed = schema.safeParse(tree.toJS({ maxAliasCount: 100 }));
  const mistakes = parsed.success ? check(parsed.data) : parsed.error.issues.map(worded);
  if (parsed.success && mistakes.length === 0) return parsed.data;
  throw new MappingMistakes(
    file,
    mistakes.map(({ path, message }) => ({
      path: path.map(String).join('.'),
      message,
      line: lineOf(path, tree, lines),
    })),
  );
}

/** The line of the nearest place that a path names. */
function lineOf(path: readonly PropertyKey[], tree: Document, lines: LineCounter): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = tree.getIn(path.slice(0, length), true) as { range?: number[] } | undefined;
    const at = node?.range?.[0];
    if (at !== undefined) return lines.linePos(at).line;
  }
  return 1;
}

function cdrMistakes(written: z.output<typeof columns>): Mistake[] {
  return columnMistakes(written, {
    at: ['cdrs', 'columns'],
    fields: cdrFields,
    needed: neededCdrFields,
  });
}

function columnMistakes(
  written: z.output<typeof columns>,
  {
    at,
    fields,
    needed,
  }: {
    readonly at: readonly string[];
    readonly fields: readonly string[];
    readonly needed: readonly string[];
  },
): Mistake[] {
  const found = [...fieldsOf(written)].flatMap(([path, each]) => {
    const message = fields.includes(path) ? sourceMistake(each) : `is not known${didYouMean(path, fields) || `; known here: ${fields.join(', ')}`}`; // prettier-ignore
    return message === undefined ? [] : [{ path: [...at, path], message }];
  });
  const missing = needed.filter((each) => !Object.hasOwn(written, each));
  return [...found, ...missing.map((each) => ({ path: at, message: `has no ${each}: say in which column it stands` }))]; // prettier-ignore
}

function fieldsOf(written: z.output<typeof columns>): Map<string, FieldMapping> {
  const whole = (each: string | FieldMapping): FieldMapping =>
    typeof each === 'string' ? { column: each, join: '' } : each;
  return new Map(Object.entries(written).map(([path, each]) => [path, whole(each)]));
}

function worded(issue: z.core.$ZodIssue): Mistake {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = path.length > 2 ? Object.keys(field.shape) : Object.keys(tableMapping.shape);
    const [key = ''] = issue.keys;
    return { path: [...path, key], message: `is not known${didYouMean(key, known) || `; known here: ${known.join(', ')}`}` }; // prettier-ignore
  }
  if (issue.code === 'invalid_value') {
    return { path, message: `must be ${issue.values.map(String).join(', ')}` };
  }
  if (issue.code === 'invalid_union') {
    return { path, message: 'must be the name of a column in quotes, or a block with column, columns or value' }; // prettier-ignore
  }
  return { path, message };
}

function mistakesOf(table: z.output<typeof tableMapping>, index: number): Mistake[] {
  const { collect, columns: written, into } = table;
  const at = ['tables', index];
  const found: Mistake[] = [];
  for (const [path, each] of fieldsOf(written)) {
    const message = unknownField(into, path) ?? sourceMistake(each);
    if (message !== undefined) found.push({ path: [...at, 'columns', path], message });
  }
  for (const path of collect) {
    if (fieldKind(into, path) === 'list') continue;
    found.push({ path: [...at, 'collect'], message: `"${path}" is no list of ${into}` });
  }
  for (const needed of neededFields(into)) {
    if (Object.hasOwn(written, needed)) continue;
    found.push({ path: [...at, 'columns'], message: `has no ${needed}: say in which column it stands` }); // prettier-ignore
  }
  return found;
}

function neededFields(into: ImportedList): readonly string[] {
  if (into === 'rates') return ['group', 'prefix'];
  return into === 'prefixes' ? ['gateway', 'prefix'] : [keyField(into)];
}

function unknownField(into: ImportedList, path: string): string | undefined {
  if (fieldKind(into, path) !== undefined) return undefined;
  const known = fieldNames(into);
  return `is no field of ${into}${didYouMean(path, known) || `: ${known.join(', ')}`}`;
}

function sourceMistake({ column, columns: several, value }: FieldMapping): string | undefined {
  const given = [column, several, value].filter((each) => each !== undefined).length;
  return given === 1 ? undefined : 'must have one of column, columns and value';
}
