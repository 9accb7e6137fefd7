import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { column } from '../output.ts';
import { readPages } from '../pages.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import type { Column } from '../table.ts';
import { changeQuery, changing, type ChangeOptions } from './changes.ts';
import { tellApplied } from './configuration.ts';

/** A list of the configuration whose entries are changed one by one. */
interface Entries {
  /** The command, and the end of the path. */
  readonly name: string;
  readonly kind: string;
  /** The field that names an entry. @default name */
  readonly key?: string;
  readonly columns: readonly Column<Json>[];
  /** Fields by which the list is narrowed. */
  readonly filters?: readonly string[];
}

const lines = column('LINES', 'lineLimit', 'right');

const lists: readonly Entries[] = [
  {
    name: 'phones',
    kind: 'phone',
    key: 'username',
    filters: ['account', 'status'],
    columns: [
      column('PHONE', 'username'),
      column('ACCOUNT', 'account'),
      column('STATUS', 'status'),
      column('BY', 'authentication'),
      lines,
    ],
  },
  {
    name: 'mapping-gateways',
    kind: 'mapping gateway',
    filters: ['account'],
    columns: [
      column('GATEWAY', 'name'),
      column('ACCOUNT', 'account'),
      { title: 'BY', text: ({ authentication }) => modeOf(authentication) },
      lines,
    ],
  },
  {
    name: 'routing-gateways',
    kind: 'routing gateway',
    filters: ['account', 'group', 'type', 'lock'],
    columns: [
      column('GATEWAY', 'name'),
      column('TYPE', 'type'),
      { title: 'ADDRESSES', text: ({ addresses }) => some(addresses) },
      { title: 'PREFIXES', text: ({ prefixes }) => some(prefixes) },
      column('PRIORITY', 'priority', 'right'),
      column('GROUP', 'group'),
      column('ACCOUNT', 'account'),
      column('LOCK', 'lock'),
      lines,
    ],
  },
  { name: 'gateway-groups', kind: 'gateway group', columns: [column('GROUP', 'name'), lines] },
  {
    name: 'call-types',
    kind: 'type of call',
    columns: [
      column('TYPE OF CALL', 'name'),
      { title: 'PREFIXES', text: ({ prefixes }) => some(prefixes) },
    ],
  },
  {
    name: 'schedules',
    kind: 'schedule',
    columns: [column('SCHEDULE', 'name'), column('TIME ZONE', 'timeZone')],
  },
  {
    name: 'alarm-rules',
    kind: 'alarm rule',
    columns: [
      column('ALARM RULE', 'name'),
      column('FIGURE', 'figure'),
      column('ABOVE', 'above', 'right'),
      column('BELOW', 'below', 'right'),
      column('SEVERITY', 'severity'),
    ],
  },
  {
    name: 'alarm-channels',
    kind: 'alarm channel',
    columns: [column('ALARM CHANNEL', 'name'), column('KIND', 'kind'), column('URL', 'url')],
  },
  {
    name: 'route-policies',
    kind: 'route policy',
    columns: [column('ROUTE POLICY', 'name'), column('ORDER', 'order'), column('LOSS', 'loss')],
  },
  {
    name: 'number-rules',
    kind: 'number rule set',
    columns: [
      column('RULE SET', 'name'),
      { title: 'RULES', align: 'right', text: ({ rules }) => countOf(rules) },
    ],
  },
  {
    name: 'number-pools',
    kind: 'number pool',
    columns: [
      column('NUMBER POOL', 'name'),
      { title: 'NUMBERS', align: 'right', text: ({ numbers }) => countOf(numbers) },
    ],
  },
  {
    name: 'rate-groups',
    kind: 'rate group',
    columns: [
      column('RATE GROUP', 'name'),
      column('CURRENCY', 'currency'),
      column('RATES', 'rateCount', 'right'),
    ],
  },
];

const FIELDS = `
A field is NAME=TEXT, or NAME:=JSON where it is no text: lineLimit:=5, addresses:='["192.0.2.1:5060"]', callerId:=null takes
it away. A field of a field has a dot: registration.maxBindings:=2.`;

interface ListOptions {
  readonly search?: string;
  readonly sort?: string;
  readonly limit: string;
  readonly csv?: boolean;
}

interface AddOptions extends ChangeOptions {
  readonly file?: string;
}

/** A command for each list of the configuration: phones, mapping-gateways and so on. */
export function addEntryCommands(program: Command, context: CommandContext): void {
  for (const list of lists) {
    const { filters = [], kind, name } = list;
    const command = program
      .command(name)
      .description(`list the ${kind}s of the configuration, or show one`)
      .argument('[name]')
      .option('--search <text>', 'anywhere in an entry')
      .option('--sort <field>', 'with - before it, from the last')
      .option('--limit <number>', 'at most so many', '100')
      .option('--csv', 'as text/csv, one page of at most 1000');
    for (const filter of filters) command.option(`--${filter} <name>`);
    command.action((entry: string | undefined, options: ListOptions) =>
      entry === undefined ? showList(list, options, context) : showOne(list, entry, context),
    );
    addEntryChanges(command, list, context);
  }
}

/** add, set and remove of one list. */
export function addEntryChanges(
  command: Command,
  { key = 'name', kind, name: path }: Pick<Entries, 'name' | 'kind' | 'key'>,
  context: CommandContext,
): void {
  changing(command.command('add'))
    .description(`add a ${kind}`)
    .argument('<name>')
    .argument('[fields...]')
    .option('-f, --file <file>', 'fields as a JSON object; - reads standard input')
    .addHelpText('after', FIELDS)
    .action(async (name: string, fields: readonly string[], options: AddOptions) => {
      const given = { ...(await readFields(options.file, context)), ...fieldsOf(fields) };
      const body = { [key]: name, ...given };
      await send({ method: 'POST', path: `/configuration/${path}`, body }, options);
    });
  changing(command.command('set'))
    .description(`change some fields of a ${kind}`)
    .argument('<name>')
    .argument('<fields...>')
    .addHelpText('after', FIELDS)
    .action(async (name: string, fields: readonly string[], options: ChangeOptions) => {
      const body = fieldsOf(fields);
      await send({ method: 'PATCH', path: pathOf(path, name), body }, options);
    });
  changing(command.command('remove'))
    .description(`remove a ${kind}`)
    .argument('<name>')
    .action(async (name: string, options: ChangeOptions) => {
      await send({ method: 'DELETE', path: pathOf(path, name) }, options);
    });

  async function send(
    { body, ...request }: { method: 'POST' | 'PATCH' | 'DELETE'; path: string; body?: Json },
    options: ChangeOptions,
  ): Promise<void> {
    const result = await context.api().json({
      ...request,
      query: changeQuery(options),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    tellApplied(result, context);
  }
}

async function showList(
  { columns, filters = [], kind, name }: Entries,
  { csv, limit, ...options }: ListOptions,
  context: CommandContext,
): Promise<void> {
  const narrowed = options as Readonly<Record<string, string | undefined>>;
  const names = ['search', 'sort', ...filters];
  const query = Object.fromEntries(names.map((each) => [each, narrowed[each]]));
  const path = `/configuration/${name}`;
  if (csv === true) {
    context
      .output()
      .raw(await context.api().text({ path, query: { ...query, limit, format: 'csv' } }));
    return;
  }
  const read = await readPages({ path, query, items: 'entries', columns, limit }, context);
  if (read === undefined) return;
  const output = context.output();
  output.rows(
    read.rows,
    columns,
    `There is no ${kind}${narrowed['search'] === undefined ? '' : ' that fits'}.`,
  );
  if (read.hasMore) output.line(`There are ${String(read.last['total'])}: --limit shows more.`);
}

async function showOne({ name }: Entries, entry: string, context: CommandContext): Promise<void> {
  const found = await context.api().json({ path: pathOf(name, entry) });
  const output = context.output();
  if (output.isJson) output.object(found);
  else output.raw(JSON.stringify(found, undefined, 2));
}

/** `a.b=text` and `a:=json` as one object. */
function fieldsOf(fields: readonly string[]): Json {
  const made: Record<string, unknown> = {};
  for (const field of fields) {
    const parts = /^([\w.]+)(:?=)(.*)$/s.exec(field);
    if (parts === null) {
      throw new CliError(exitCodes.usage, `"${field}" is no field: write NAME=TEXT or NAME:=JSON.`);
    }
    const [, name = '', sign, text = ''] = parts;
    place(made, name.split('.'), sign === '=' ? text : jsonOf(field, text));
  }
  return made;
}

function place(
  into: Record<string, unknown>,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const there = into[first];
  const inner = typeof there === 'object' && there !== null ? { ...there } : {};
  place(inner, rest, value);
  into[first] = inner;
}

function jsonOf(field: string, text: string): unknown {
  const value = parsed(text);
  if (value !== undefined) return value;
  throw new CliError(exitCodes.usage, `"${field}" has no JSON behind ":=": for text write "=".`);
}

/** @throws CliError where the file has no JSON object */
async function readFields(file: string | undefined, context: CommandContext): Promise<Json> {
  if (file === undefined) return {};
  const fields = parsed(await readInput(file, context));
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) {
    return fields as Json;
  }
  throw new CliError(exitCodes.usage, `${file} must have a JSON object.`);
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function pathOf(path: string, name: string): string {
  return `/configuration/${path}/${segment(name)}`;
}

function some(values: unknown): string {
  const texts = Array.isArray(values) ? values.map(String) : [];
  return texts.length > 3
    ? `${texts.slice(0, 3).join(' ')} … (${String(texts.length)})`
    : texts.join(' ');
}

function countOf(values: unknown): string {
  return Array.isArray(values) ? String(values.length) : '';
}

function modeOf(authentication: unknown): string {
  const mode = (authentication as Json | undefined)?.['mode'];
  return typeof mode === 'string' ? mode : '';
}
