import { formatMoney, parseMoney } from '@tandem/domain';
import { Dispute as ToldDispute, DisputeTolerances } from '@tandem/proto/billing';
import type {
  AddDisputeCallsRequest,
  AddDisputeCallsResponse,
  CompareDisputeRequest,
  DisputeCall,
  GetDisputeRequest,
  GetDisputeResponse,
  ListDisputeDifferencesRequest,
  ListDisputeDifferencesResponse,
  ListDisputesRequest,
  ListDisputesResponse,
  RemoveDisputeRequest,
  RemoveDisputeResponse,
} from '@tandem/proto/billing';
import { differenceKinds } from '../core/dispute-sums.ts';
import type { DifferenceKind, DisputeSums, SideSum } from '../core/dispute-sums.ts';
import type { Dispute, DisputeStore, Tolerances, ToldCall } from '../dispute-ports.ts';
import type { DisputeRounds } from '../dispute-rounds.ts';
import { DEFAULT_LIMIT, MOST_LISTED, given, numberedCursor, wrong } from './cdr-filter.ts';
import { oneOf } from './invoice-handlers.ts';
import { waitFor } from './wait-for.ts';

/** Disputes (BILL-06), as methods of tandem.billing.v1.BillingService. */
export interface DisputeHandlers {
  createDispute(request: ToldDispute): Promise<ToldDispute>;
  addDisputeCalls(request: AddDisputeCallsRequest): Promise<AddDisputeCallsResponse>;
  compareDispute(request: CompareDisputeRequest): Promise<ToldDispute>;
  removeDispute(request: RemoveDisputeRequest): Promise<RemoveDisputeResponse>;
  listDisputes(request: ListDisputesRequest): Promise<ListDisputesResponse>;
  getDispute(request: GetDisputeRequest): Promise<GetDisputeResponse>;
  listDisputeDifferences(
    request: ListDisputeDifferencesRequest,
  ): Promise<ListDisputeDifferencesResponse>;
}

/** So long an operator waits for a comparison; of what takes longer the state tells. */
const WAIT_MS = 2500;
const MOST_DIFFERENCES = 5000;

export function createDisputeHandlers({
  rounds,
  store,
}: {
  readonly store: DisputeStore;
  readonly rounds: DisputeRounds;
}): DisputeHandlers {
  const found = async (id: number): Promise<Dispute> => {
    const dispute = await store.get(id);
    if (dispute === undefined) throw wrong(`there is no dispute ${String(id)}`);
    return dispute;
  };
  return {
    createDispute: async (request) => {
      const { account, createdBy, file, fromMs, mapping, untilMs } = request;
      if (untilMs <= fromMs) throw wrong('until must be later than from');
      const side = oneOf('side', request.side, ['customer', 'vendor'] as const) ?? 'vendor';
      const tolerances = tolerancesOf(request.tolerances ?? DisputeTolerances.create());
      const made = { account, side, fromMs, untilMs, file, mapping, createdBy, tolerances };
      const dispute = await store.create(made);
      if (dispute === undefined) throw wrong(`account "${account}" has no ledger yet`);
      return toDispute(dispute);
    },
    addDisputeCalls: async ({ attempt, calls, dispute }) => {
      const isTaken = await store.add(dispute, attempt, calls.map(toToldCall));
      if (!isTaken) throw notReceiving(await found(dispute));
      return {};
    },
    compareDispute: async ({ attempt, calls, dispute }) => {
      const kept = await store.close(dispute, attempt, calls);
      if (kept === undefined) throw notReceiving(await found(dispute));
      if (kept !== calls)
        throw wrong(`${String(kept)} of ${String(calls)} calls are there: send the file again`);
      await waitFor(rounds.look(), WAIT_MS);
      return toDispute(await found(dispute));
    },
    removeDispute: async ({ id }) => {
      if (!(await store.remove(id))) throw wrong(`there is no dispute ${String(id)}`);
      return {};
    },
    listDisputes: async (request) => {
      const limit = request.limit === 0 ? DEFAULT_LIMIT : Math.min(request.limit, MOST_LISTED);
      const before = numberedCursor(request.cursor);
      const list = await store.list({ account: given(request.account), before, limit: limit + 1 });
      const page = list.slice(0, limit);
      const next = list.length > page.length ? page.at(-1) : undefined;
      return { disputes: page.map(toDispute), nextCursor: next === undefined ? '' : String(next.id) }; // prettier-ignore
    },
    getDispute: async ({ id }) => {
      const dispute = await store.get(id);
      return { dispute: dispute && toDispute(dispute) };
    },
    listDisputeDifferences: async ({ cursor, dispute, kind, limit: asked }) => {
      const limit = asked === 0 ? DEFAULT_LIMIT : Math.min(asked, MOST_DIFFERENCES);
      const after = numberedCursor(cursor) ?? 0;
      const all = await store.differences({ dispute, kinds: kindsOf(kind), after, limit: limit + 1 }); // prettier-ignore
      const page = all.slice(0, limit);
      const next = all.length > page.length ? page.at(-1) : undefined;
      return {
        differences: page.map((each) => ({
          kind: each.kind,
          ours: each.ours && toCall(each.ours),
          theirs: each.theirs && toCall(each.theirs),
        })),
        nextCursor: next === undefined ? '' : String(next.place),
      };
    },
  };
}

function notReceiving({ id, state }: Dispute) {
  return wrong(`dispute ${String(id)} is ${state}, and takes no file any more: make another one`);
}

/** What differs in duration may differ in price, too. */
function kindsOf(text: string): readonly DifferenceKind[] {
  const kind = oneOf('kind', text, differenceKinds);
  if (kind === undefined) return [];
  return kind === 'duration' || kind === 'price' ? [kind, 'both'] : [kind];
}

function tolerancesOf({ price, ...told }: DisputeTolerances): Tolerances {
  try {
    return { ...told, price: formatMoney(price === '' ? 0n : parseMoney(price)) };
  } catch (error) {
    throw wrong(`price: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function toToldCall({ price, ...call }: DisputeCall): ToldCall {
  return { ...call, price: price === '' ? undefined : parseMoney(price) };
}

function toCall({ price, ...call }: ToldCall): DisputeCall {
  return { ...call, price: price === undefined ? '' : formatMoney(price) };
}

function toDispute({ doneAtMs, sums, ...dispute }: Dispute): ToldDispute {
  return ToldDispute.create({
    ...dispute,
    doneAtMs: doneAtMs ?? 0,
    sums: sums && toSums(sums),
  });
}

function toSums(sums: DisputeSums) {
  const side = ({ price, ...sum }: SideSum) => ({ ...sum, price: formatMoney(price) });
  return {
    ...sums,
    ours: side(sums.ours),
    theirs: side(sums.theirs),
    onlyOurs: side(sums.onlyOurs),
    onlyTheirs: side(sums.onlyTheirs),
    price: formatMoney(sums.price),
  };
}
