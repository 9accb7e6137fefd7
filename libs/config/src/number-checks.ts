import { bareNumber } from '@tandem/domain';
import { INTERNAL_CALLS } from './internal-calls.ts';
import type { Path } from './mistake.ts';
import { didYouMean } from './suggest.ts';
import { entriesOf, entriesOfTexts, isBlock, namesOf, reportDuplicates } from './blocks.ts';
import type { Block, Entry, Report } from './blocks.ts';

/** ROUTE-10: rules, lists and pools are there under the names by which they are referred to, and can have an effect. */
export function checkNumbers(document: Block, report: Report): void {
  for (const list of ['numberRules', 'numberLists', 'numberPools']) {
    reportDuplicates(
      entriesOf(document, list).map(({ path, block }) => ({
        path: [...path, 'name'],
        value: block['name'],
      })),
      report,
    );
  }
  for (const { block, path } of entriesOf(document, 'numberPools')) {
    reportDuplicates(entriesOfTexts(block, 'numbers', path), report, bareNumber);
  }
  checkRules(document, report);
  checkUsers(document, report);
}

const users = ['phones', 'mappingGateways', 'accounts', 'gatewayGroups', 'routingGateways'];
/** Whose rules see a gateway to which the call goes. */
const routingSide: ReadonlySet<string> = new Set(['gatewayGroups', 'routingGateways']);
const listKinds = ['allowCallers', 'denyCallers', 'allowCallees', 'denyCallees'];

/** What a reference must name. */
interface Wanted {
  readonly kind: string;
  readonly list: string;
  readonly names: ReadonlySet<string>;
}

function reportUnknown(
  { path, value }: { readonly path: Path; readonly value: unknown },
  { kind, list, names }: Wanted,
  report: Report,
): void {
  if (typeof value !== 'string' || names.has(value)) return;
  report(path, `names ${kind} "${value}", which is not in ${list}${didYouMean(value, names)}`);
}

function checkUsers(document: Block, report: Report): void {
  const wanted = (kind: string, list: string): Wanted => ({
    kind,
    list,
    names: namesOf(document, list),
  });
  const sets = wanted('rule set', 'numberRules');
  const lists = wanted('list', 'numberLists');
  const pools = wanted('pool', 'numberPools');
  checkLists({ path: [], block: document }, lists, report);
  const gatewayRules = gatewayRulesIn(document);
  for (const user of users) {
    for (const entry of entriesOf(document, user)) {
      const { path, block } = entry;
      const names = entriesOfTexts(block, 'numberRules', path);
      for (const name of names) {
        reportUnknown(name, sets, report);
        if (routingSide.has(user) || !gatewayRules.has(name.value)) continue;
        report(
          name.path,
          `names rule set "${name.value}", which has rules for routingGateways: where a call goes is not known yet here`,
        );
      }
      checkLists(entry, lists, report);
      const isVendor = user === 'accounts' && block['type'] === 'vendor';
      for (const key of isVendor ? ['numberRules', 'lists'] : []) {
        if (block[key] === undefined) continue;
        report([...path, key], 'has no effect on a vendor: set it for its routing gateways');
      }
      reportUnknown({ path: [...path, 'callerPool'], value: block['callerPool'] }, pools, report);
    }
  }
}

function checkLists({ path, block }: Entry, wanted: Wanted, report: Report): void {
  const terms = block['lists'];
  if (!isBlock(terms)) return;
  for (const kind of listKinds) {
    for (const name of entriesOfTexts(terms, kind, [...path, 'lists'])) {
      reportUnknown(name, wanted, report);
    }
  }
}

/** The sets with rules that ask where the call goes. */
function gatewayRulesIn(document: Block): ReadonlySet<unknown> {
  return new Set(
    entriesOf(document, 'numberRules').flatMap(({ block }) =>
      entriesOf(block, 'rules').some(
        ({ block: { when } }) => isBlock(when) && when['routingGateways'] !== undefined,
      )
        ? [block['name']]
        : [],
    ),
  );
}

function checkRules(document: Block, report: Report): void {
  const usernames = entriesOf(document, 'phones').flatMap(({ block: { username } }) =>
    typeof username === 'string' ? [username] : [],
  );
  const named = (kind: string, list: string): Wanted => ({
    kind,
    list,
    names: namesOf(document, list),
  });
  const callTypes = new Set([...namesOf(document, 'callTypes'), INTERNAL_CALLS]);
  const references: Readonly<Record<string, Wanted>> = {
    mappingGateways: named('mapping gateway', 'mappingGateways'),
    phones: { kind: 'phone', list: 'phones', names: new Set(usernames) },
    accounts: named('account', 'accounts'),
    routingGateways: named('routing gateway', 'routingGateways'),
    callTypes: { kind: 'type of call', list: 'callTypes', names: callTypes },
  };
  const lists = named('list', 'numberLists');
  for (const { path, block } of rulesIn(document)) {
    const when = isBlock(block['when']) ? block['when'] : {};
    const at = [...path, 'when'];
    for (const [key, wanted] of Object.entries(references)) {
      for (const name of entriesOfTexts(when, key, at)) reportUnknown(name, wanted, report);
    }
    for (const side of ['caller', 'callee']) {
      const condition = when[side];
      if (isBlock(condition)) checkCondition({ path: [...at, side], block: condition }, lists, report); // prettier-ignore
    }
  }
}

function checkCondition({ path, block }: Entry, lists: Wanted, report: Report): void {
  reportUnknown({ path: [...path, 'list'], value: block['list'] }, lists, report);
  const { minLength: least, maxLength: most } = block;
  if (typeof least !== 'number' || typeof most !== 'number' || least <= most) return;
  report([...path, 'minLength'], `is ${String(least)}, above maxLength, ${String(most)}: no number is both`); // prettier-ignore
}

function rulesIn(document: Block): Entry[] {
  return entriesOf(document, 'numberRules').flatMap(({ path, block }) =>
    entriesOf(block, 'rules', path),
  );
}
