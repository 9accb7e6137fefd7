import { maskPasswords } from '@tandem/config';
import { ListInvoicesRequest } from '@tandem/proto/billing';
import { findEntry } from '../core/change-entry.ts';
import { entriesAt } from '../core/entries.ts';
import { EMPTY } from '../core/prepare-version.ts';
import { presentAccount } from '../resources/accounts/presentation.ts';
import { presentRerating } from '../resources/reratings/presentation.ts';
import { presentDispute } from '../resources/disputes/presentation.ts';
import { presentInvoice } from '../resources/invoices/presentation.ts';
import { entryResources } from '../resources/entries/entry-resources.ts';
import { presentReplay } from '../resources/replays/presentation.ts';
import { presentToken } from '../resources/tokens/presentation.ts';
import { presentUser } from '../resources/users/presentation.ts';
import { presentAlarm } from '../resources/alarms/presentation.ts';
import type { AuditedRequest, AuditReading } from './audit-hook.ts';

/**
 * What the audit log shows before and after each operation that changes something (OPS-12). No secret is in what is read: what
 * the API shows is.
 */
export const auditReadings: Readonly<Record<string, AuditReading>> = {
  ...entryReadings(),
  // What has changed in a whole document is told by its versions.
  putConfiguration: version,
  applyConfiguration: version,
  rollBackConfiguration: version,
  setParameter: parameter,
  resetParameter: parameter,
  importNumberList: numberList,
  changeNumberList: numberList,
  rollBackNumberList: numberList,
  importRates: rateImports,
  applyRateImport: rateSheet,
  discardRateImport: async ({ params }, { rates }) => {
    const found = await rates.import(text(params, 'name'), text(params, 'id'));
    return found && { id: found.id, state: found.state };
  },
  rollBackRates: rateSheet,

  hangUpCall: async (request, { ports }) => {
    const { call } = await ports.edge.getCall({ callId: text(request.params, 'callId') });
    if (call === undefined) return undefined;
    const { callee, caller, callId, gateway, state } = call;
    return { callId, state, caller, callee, gateway };
  },
  bookPayment: async (request, { documents, ports }) => {
    const name = text(request.params, 'name');
    const accounts = (await documents.store.current())?.configuration.accounts ?? [];
    const account = accounts.find((each) => each.name === name);
    const { balances } = await ports.billing.listBalances({ accounts: [name] });
    const balance = balances.find((each) => each.account === name);
    return account && presentAccount(account, balance);
  },
  draftInvoice: async ({ body }, { ports }) => {
    const account = text(body, 'account');
    const { invoices } = await ports.billing.listInvoices(ListInvoicesRequest.create({ account, kind: 'invoice', limit: 1 })); // prettier-ignore
    return invoices.map(presentInvoice)[0];
  },
  draftCreditNote: invoice,
  issueInvoice: invoice,
  discardInvoice: invoice,
  compareDispute: dispute,
  removeDispute: dispute,
  applyRerating: rerating,
  cancelRerating: rerating,
  reverseRerating: rerating,
  liftSuspension: async (request, { ports }) => {
    const terminal = text(request.params, 'terminal');
    const { suspensions } = await ports.auth.listSuspensions({});
    return suspensions.find((each) => each.terminal === terminal);
  },
  addToBlacklist: async ({ body }, parts) => listed(text(body, 'source'), parts),
  liftFromBlacklist: async ({ params }, parts) => listed(text(params, 'source'), parts),
  endGatewayRest: async (request, { ports }) => {
    const { rests } = await ports.routing.listRests({});
    return rests.find((each) => each.gateway === text(request.params, 'gateway'));
  },
  // Which one it is, is known when it is there.
  createReplay: async (_request, { replays }) => {
    const [newest] = await replays.list(1);
    return { newest: newest?.id ?? null };
  },
  putReplayCalls: replay,
  removeReplay: replay,
  endTrace: async ({ params }, { ports }) => {
    const answer = await ports.journal?.listTraces({});
    return answer?.traces.find((each) => each.id === text(params, 'id'));
  },
  // How many match: a filter may name them all.
  removeRegistrations: async (request, { ports }) => {
    const filter = request.query as Readonly<Record<string, string | boolean>>;
    const named = Object.entries(filter).filter(([, value]) => value !== '' && value !== false);
    const rest = Object.fromEntries(Object.entries(filter).filter(([name]) => !['all', 'contact'].includes(name))); // prettier-ignore
    const answer = await ports.registrar?.listRegistrations({
      filter: rest as never,
      sort: '',
      limit: 1,
      cursor: '',
    });
    return { ...Object.fromEntries(named), registrations: answer?.total ?? 0 };
  },

  acknowledgeAlarm: async ({ params }, { alarms }) => {
    const alarm = await alarms.store.get(BigInt(text(params, 'id')));
    return alarm && presentAlarm(alarm);
  },
  // It changes nothing but what somebody is told.
  testAlarmChannel: ({ params }) => Promise.resolve({ channel: text(params, 'name') }),

  createUser: async ({ body }, parts) => user(text(body, 'name'), parts),
  changeUser: async ({ params }, parts) => user(text(params, 'name'), parts),
  removeUser: async ({ params }, parts) => user(text(params, 'name'), parts),
  unlockUser: async ({ params }, parts) => user(text(params, 'name'), parts),
  createToken: async ({ body, principal }, { operators }) => {
    const tokens = (await operators.store.tokens()).filter(
      ({ name, operator }) => operator === principal?.name && name === text(body, 'name'),
    );
    return tokens.length === 0 ? undefined : { tokens: tokens.map(presentToken) };
  },
  revokeToken: async ({ params }, { operators }) => {
    const tokens = await operators.store.tokens();
    const token = tokens.find(({ id }) => id === text(params, 'id'));
    return token && presentToken(token);
  },
};

async function invoice(
  { params }: AuditedRequest,
  { ports }: Parameters<AuditReading>[1],
): Promise<unknown> {
  const found = await ports.billing.getInvoice({ id: idIn(params) });
  return found.invoice && presentInvoice(found.invoice);
}

async function dispute(
  { params }: AuditedRequest,
  { ports }: Parameters<AuditReading>[1],
): Promise<unknown> {
  const found = await ports.billing.getDispute({ id: idIn(params) });
  return found.dispute && presentDispute(found.dispute);
}

async function rerating(
  { params }: AuditedRequest,
  { ports }: Parameters<AuditReading>[1],
): Promise<unknown> {
  const found = await ports.billing.getRerating({ id: idIn(params) });
  return found.rerating && presentRerating(found.rerating);
}

function idIn(params: unknown): number {
  return Number((params as Readonly<Record<string, unknown>>)['id']);
}

function entryReadings(): Record<string, AuditReading> {
  const verbs = ['create', 'replace', 'change', 'remove'];
  return Object.fromEntries(
    entryResources.flatMap((resource) => {
      const { inList, list, title } = resource;
      const reading: AuditReading = async ({ body, params }, { documents }) => {
        const configuration = (await documents.store.current())?.configuration ?? EMPTY;
        const name = text(params, 'name') || nameIn(body, list.key);
        const entry = findEntry(configuration, list, name);
        if (entry === undefined) return undefined;
        const [masked] = entriesAt(maskPasswords({ ...EMPTY, [list.place]: [entry] }), list.place);
        return masked && inList(masked);
      };
      return verbs.map((verb) => [`${verb}Configured${title}`, reading]);
    }),
  );
}

async function version(
  _request: AuditedRequest,
  { documents }: Parameters<AuditReading>[1],
): Promise<unknown> {
  return { version: (await documents.store.current())?.version ?? 0 };
}

async function parameter(
  { params }: AuditedRequest,
  { documents }: Parameters<AuditReading>[1],
): Promise<unknown> {
  const name = text(params, 'name');
  const set: Readonly<Record<string, unknown>> =
    (await documents.store.current())?.configuration.parameters ?? {};
  return { name, value: set[name] ?? null };
}

async function numberList(
  { params }: AuditedRequest,
  { numberLists }: Parameters<AuditReading>[1],
): Promise<unknown> {
  const [newest] = await numberLists.versions(text(params, 'name'));
  return newest && { version: newest.version, numbers: newest.numbers };
}

async function replay(
  { params }: AuditedRequest,
  { replays }: Parameters<AuditReading>[1],
): Promise<unknown> {
  const found = await replays.get(text(params, 'id'));
  return found && presentReplay(found.replay);
}

async function rateSheet(
  { params }: AuditedRequest,
  { rates }: Parameters<AuditReading>[1],
): Promise<unknown> {
  const name = text(params, 'name');
  const [newest] = await rates.versions(name);
  const group = await rates.group(name);
  return group && { isSheet: group.isSheet, version: newest?.version ?? 0, rates: newest?.rates };
}

async function rateImports(
  { params }: AuditedRequest,
  { rates }: Parameters<AuditReading>[1],
): Promise<unknown> {
  const [newest] = await rates.imports(text(params, 'name'));
  return newest && { id: newest.id, state: newest.state, file: newest.file, lines: newest.lines };
}

async function listed(source: string, { ports }: Parameters<AuditReading>[1]): Promise<unknown> {
  const { entries } = await ports.auth.listBlacklist({});
  return entries.find((each) => each.source === source);
}

async function user(name: string, { operators }: Parameters<AuditReading>[1]): Promise<unknown> {
  const operator = await operators.store.get(name);
  return operator && presentUser(operator, undefined);
}

function text(object: unknown, key: string): string {
  if (typeof object !== 'object' || object === null) return '';
  const value = (object as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : '';
}

/** Of a body that is read as text. */
function nameIn(body: unknown, key: string): string {
  try {
    return text(JSON.parse(typeof body === 'string' ? body : ''), key);
  } catch {
    return '';
  }
}
