import type { Block, KamailioTerms, Table, Unfit } from '@tandem/migration';
import type { Source } from './import-sources.ts';
import { readable, readBytes } from './read-bytes.ts';

interface AccountTerms {
  readonly isNewAccount: boolean;
}

/** Reads tables of Kamailio. @throws CliError where a file cannot be read */
export async function kamailioSources(
  files: readonly string[],
  terms: KamailioTerms,
  { isNewAccount }: AccountTerms,
): Promise<Source> {
  const { convertKamailio, readKamailio } = await import('@tandem/migration');
  const tables: Table[] = [];
  const unfit: Unfit[] = [];
  for (const file of files) {
    const bytes = await readBytes(file);
    const found = await readable(() => readKamailio(file, bytes));
    tables.push(...found.tables);
    unfit.push(...found.unfit);
  }
  const converted = convertKamailio(tables, terms);
  return {
    read: tables.map(
      ({ file, form, name, rows }) =>
        `${file}: ${form}; table ${name}, lines: ${String(rows.length)}.`,
    ),
    entries: converted.entries,
    unfit: [...unfit, ...converted.unfit],
    notes: converted.notes,
    prepare: isNewAccount ? (document) => withAccount(document, terms.account) : undefined,
  };
}

/** Kamailio knows no money: an account that owes nothing for any call, unless the document has it. */
function withAccount(document: Block, name: string): Block {
  const accounts = listOf(document['accounts']);
  if (accounts.some((account) => account['name'] === name)) return document;
  const groups = listOf(document['rateGroups']);
  const hasGroup = groups.some((group) => group['name'] === name);
  const group = { name, currency: 'USD', rates: [{ prefix: '', pricePerMinute: '0' }] };
  const account = { name, rateGroup: name, billing: 'postpaid' };
  return {
    ...document,
    accounts: [...accounts, account],
    rateGroups: hasGroup ? groups : [...groups, group],
  };
}

function listOf(value: unknown): readonly Block[] {
  return Array.isArray(value) ? (value as readonly Block[]) : [];
}
