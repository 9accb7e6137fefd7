import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { format } from 'prettier';
import {
  describeRange,
  environmentVariables,
  fileKey,
  parameters,
  processVariables,
  serviceNames,
  services,
} from '@tandem/config';
import type { Parameter, Service } from '@tandem/config';
import { openApiText } from '../services/api/src/api/openapi.ts';
import {
  headerTable,
  passages,
  verdictOf,
} from '../services/edge/src/core/messages/header-table.ts';
import type { HeaderRow } from '../services/edge/src/core/messages/header-table.ts';
import { chartReadme, chartSchema, chartServices } from './generated-chart.ts';
import { telemetryFiles } from './generated-telemetry.ts';

/** A file that is made of the code, and what makes it. */
interface GeneratedDoc {
  readonly file: string;
  readonly make: () => string | Promise<string>;
}

const docs: readonly GeneratedDoc[] = [
  { file: 'docs/parameters.md', make: () => format(parametersPage(), { parser: 'markdown' }) },
  { file: 'docs/environment.md', make: () => format(environmentPage(), { parser: 'markdown' }) },
  { file: 'docs/headers.md', make: () => format(headersPage(), { parser: 'markdown' }) },
  { file: 'docs/openapi.json', make: openApiText },
  { file: 'services/console/src/api/schema.gen.ts', make: consoleTypes },
  {
    file: 'charts/tandem/services.yaml',
    make: () => format(chartServices(), { parser: 'yaml', singleQuote: true }),
  },
  {
    file: 'charts/tandem/values.schema.json',
    make: () => format(chartSchema(), { parser: 'json' }),
  },
  { file: 'charts/tandem/README.md', make: () => format(chartReadme(), { parser: 'markdown' }) },
  ...telemetryFiles,
];

/** Writes every generated reference. */
export async function writeDocs(): Promise<void> {
  for (const { file, make } of docs) writeFileSync(file, await make());
}

/** One line for each reference that is not what the code makes of it; empty where all are current. */
export async function checkDocs(): Promise<string[]> {
  const stale: string[] = [];
  for (const { file, make } of docs) {
    if (read(file) !== (await make())) stale.push(`${file} is stale: run make docs`);
  }
  return stale;
}

/** What the console asks the API by. */
async function consoleTypes(): Promise<string> {
  return COMMENT_HEADER + astToString(await openapiTS(await openApiText()));
}

function parametersPage(): string {
  const rows = Object.entries<Parameter>(parameters).map(([name, parameter]) => [
    `\`${name}\``,
    defaultOf(parameter),
    describeRange(parameter),
    `${parameter.description} (${parameter.spec})`,
  ]);
  return `# System parameters

Made of \`libs/config/src/parameters.ts\` by \`make docs\`. Parameters stand under \`parameters:\` in the
configuration; a value out of its range is refused with the range.

${table(['Parameter', 'Default', 'Range', 'What it does'], rows)}
`;
}

function environmentPage(): string {
  const rows = Object.entries(environmentVariables).map(([name, meaning]) => [
    `\`${name}\``,
    `\`${fileKey(name)}\``,
    readersOf(name),
    meaning,
  ]);
  return `# Settings of a process

Made of \`libs/config/src/environment.ts\` and \`services.ts\` by \`make docs\`. Each may stand in the environment or, by its
key, in the YAML or JSON file that \`TANDEM_CONFIG_FILE\` names; the environment wins. A process that finds
mistakes names all of them, those of all its services at once, and does not start. Addresses of services in the same process
are not needed.

${table(['Variable', 'Key in the file', 'Read by', 'Meaning'], rows)}
`;
}

function headersPage(): string {
  const rows = headerTable.map((row) => [
    `\`${row.name}\``,
    ...passages.map((passage) => verdictOf(row, passage)),
    usesOf(row),
    row.why,
  ]);
  return `# Headers between the legs

Made of \`services/edge/src/core/messages/header-table.ts\` by \`make docs\`. The switch is a user agent on both legs (CALL-01): what
becomes of a header on its way to the other one. \`passed\`: as it stands; \`mapped\`: where the peer gives one, with what it says for
the other leg; \`made\`: by the switch, whatever the peer gives; \`dropped\`: it stays on its side. **A header that is not
here is dropped**: it may name hosts and users of the other network.

Out of the dialog there are the caller's INVITE and what the carrier answers it with; a CANCEL goes hop by hop, and takes the caller's
\`Reason\` along (RFC 3326 §2). A header that a message does not use, by the method or the status that the table names, is
dropped whatever it holds, and stops nothing.

${table(['Header', 'INVITE', 'Its answers', 'Caller’s request', 'Carrier’s request', 'Caller’s response', 'Carrier’s response', 'Used in', 'Why'], rows)}
`;
}

/** Where a header means something. */
function usesOf({ methods = [], statuses = [], isOfBody = false }: HeaderRow): string {
  const codes = statuses.map((status) => (status < 10 ? `${String(status)}xx` : String(status)));
  const used = [...methods, ...(codes.length === 0 ? [] : [`responses ${codes.join(' ')}`])];
  if (isOfBody) used.push('with a body');
  return used.length === 0 ? 'all' : used.join(', ');
}

/** The services that read a variable; a process with several of them reads what each does (`services/pod`). */
function readersOf(name: string): string {
  if (name === 'TANDEM_MODULES') return 'pod';
  if (processVariables.some((each) => each === name)) return 'all';
  return serviceNames
    .filter((service) => {
      const { settings }: Service = services[service];
      return settings.some((each) => each === name);
    })
    .join(', ');
}

function defaultOf({ kind, default: value }: Parameter): string {
  if (value === undefined) return 'not set';
  if (kind === 'switch') return value === true ? 'On' : 'Off';
  return String(value);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function escape(cell: string): string {
  return cell.replaceAll('|', String.raw`\|`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
