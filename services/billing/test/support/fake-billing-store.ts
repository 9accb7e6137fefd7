import { SwitchError } from '@tandem/domain';
import { decodeCallEvent } from '@tandem/events';
import { UnstorableError } from '../../src/ports.ts';
import type {
  AccountBalance,
  AccountOpening,
  BillingStore,
  CdrFilter,
  DeadMessage,
  StoredCdr,
} from '../../src/ports.ts';
import type { CdrRow } from '../../src/core/cdr-row.ts';
import { noFeeds, noOpenCalls, noPartitions, noReconciliation } from './fake-open-calls.ts';

/** A store in memory that can be away, and that can refuse the data of single calls. */
export function fakeBillingStore() {
  const cdrs = new Map<string, CdrRow>();
  const buried = new Map<string, DeadMessage>();
  const accounts = new Map<string, AccountBalance>();
  const references = new Set<string>();
  /** Whole `answered` events of calls that go on, by call id. */
  const goingOn = new Map<string, Uint8Array>();
  const standing = (isMeant: (callId: string) => boolean): Uint8Array[] =>
    [...goingOn.keys()]
      .sort()
      .filter((callId) => isMeant(callId) && !cdrs.has(callId))
      .flatMap((callId) => goingOn.get(callId) ?? []);
  const state = { isAway: false, refuses: new Set<string>(), writes: 0, listed: [] as CdrFilter[] };

  const guard = <T>(work: () => T): Promise<T> =>
    state.isAway
      ? Promise.reject(new SwitchError('SWITCH_STORE_UNAVAILABLE', 'away'))
      : Promise.resolve().then(work);

  function move(account: string, amount: bigint, currency: string): AccountBalance {
    const before = accounts.get(account) ?? { account, currency, balance: 0n, ledgerEntries: 0, version: 0 }; // prettier-ignore
    const after = {
      ...before,
      balance: before.balance + amount,
      ledgerEntries: before.ledgerEntries + 1,
      version: before.version + 1,
    };
    accounts.set(account, after);
    return after;
  }

  function open({ account, currency, openingBalance }: AccountOpening): AccountBalance[] {
    const isNew = !accounts.has(account);
    if (isNew) accounts.set(account, { account, currency, balance: 0n, ledgerEntries: 0, version: 0 }); // prettier-ignore
    const reference = `${account} opening`;
    if (openingBalance === 0n || references.has(reference)) return isNew ? [...accounts.values()].slice(-1) : []; // prettier-ignore
    references.add(reference);
    return [move(account, openingBalance, currency)];
  }

  const store: BillingStore = {
    write: (batch) =>
      guard(() => {
        state.writes += 1;
        const refused = batch.ended.find(({ callId }) => state.refuses.has(callId));
        if (refused !== undefined) throw new UnstorableError(`refused ${refused.callId}`);
        const fresh = batch.ended.filter(({ callId }) => !cdrs.has(callId));
        for (const row of fresh) cdrs.set(row.callId, row);
        const balances = fresh.map((row) => move(row.customerAccount, -row.price, row.currency));
        return { stored: fresh.length, balances };
      }),
    writeJoined: () => guard(() => ({ stored: 0, balances: [] })),
    revise: () => guard(() => ({ stored: 0, balances: [] })),
    addDecisions: (callId, decisions) =>
      guard(() => {
        const row = cdrs.get(callId);
        if (row === undefined) return false;
        const event = Buffer.from(row.event);
        const isKnown = event.includes(Buffer.from(decisions));
        cdrs.set(callId, { ...row, event: isKnown ? event : Buffer.concat([event, decisions]) });
        return true;
      }),
    openCalls: {
      ...noOpenCalls(guard),
      charged: (callIds) => guard(() => callIds.filter((callId) => cdrs.has(callId))),
      standing: (after, limit) => guard(() => standing((callId) => callId > after).slice(0, limit)),
      standingOf: (callIds) => guard(() => standing((callId) => callIds.includes(callId))),
    },
    reconciliation: noReconciliation(guard),
    partitions: noPartitions(guard),
    ...noFeeds(guard),
    exportCdrs: () => guard(() => ({ rows: [], last: undefined })),
    bury: (messages) =>
      guard(() => {
        for (const message of messages) buried.set(message.position, message);
      }),
    openAccounts: (openings) => guard(() => openings.flatMap(open)),
    balances: (names) =>
      guard(
        () =>
        [...accounts.values()].filter(({ account }) => names.length === 0 || names.includes(account)), // prettier-ignore
      ),
    bookPayment: ({ account, amount, reference }) =>
      guard(() => {
        const balance = accounts.get(account);
        if (balance === undefined) return undefined;
        if (references.has(`${account} ${reference}`)) return { balance, isNew: false };
        references.add(`${account} ${reference}`);
        return { balance: move(account, amount, balance.currency), isNew: true };
      }),
    payments: () => guard(() => []),
    statement: () => guard(() => undefined),
    listCdrs: (filter) =>
      guard(() => {
        state.listed.push(filter);
        return [...cdrs.values()].slice(0, filter.limit).map(toStored);
      }),
    findCdrs: (callId) =>
      guard(() => [...cdrs.values()].filter((row) => row.callId === callId).map(toStored)),
    ping: () => Promise.resolve(!state.isAway),
  };
  return { store, state, cdrs, buried, accounts, goingOn };
}

function toStored(row: CdrRow): StoredCdr {
  const { callId, startedMs, durationMs, billedSeconds, price, currency, cost, costCurrency, levels } = row; // prettier-ignore
  const event = decodeCallEvent(row.event);
  return { callId, startedMs, storedAtMs: 1, durationMs, billedSeconds, price, currency, cost, costCurrency, levels, event }; // prettier-ignore
}
