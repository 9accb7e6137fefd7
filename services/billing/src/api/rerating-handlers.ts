import { formatMoney } from '@tandem/domain';
import { ReratedLine as ToldLine, Rerating as ToldRerating } from '@tandem/proto/billing';
import type {
  ApplyReratingRequest,
  CancelReratingRequest,
  CreateReratingRequest,
  GetReratingRequest,
  GetReratingResponse,
  ListReratingLinesRequest,
  ListReratingLinesResponse,
  ListReratingsRequest,
  ListReratingsResponse,
} from '@tandem/proto/billing';
import type { ReratedLine, Rerating, ReratingStore } from '../rerating-ports.ts';
import { DEFAULT_LIMIT, MOST_LISTED, numberedCursor, wrong } from './cdr-filter.ts';

/** Re-ratings (BILL-06), as methods of tandem.billing.v1.BillingService. */
export interface ReratingHandlers {
  createRerating(request: CreateReratingRequest): Promise<ToldRerating>;
  getRerating(request: GetReratingRequest): Promise<GetReratingResponse>;
  listReratings(request: ListReratingsRequest): Promise<ListReratingsResponse>;
  listReratingLines(request: ListReratingLinesRequest): Promise<ListReratingLinesResponse>;
  applyRerating(request: ApplyReratingRequest): Promise<ToldRerating>;
  cancelRerating(request: CancelReratingRequest): Promise<ToldRerating>;
}

const MOST_LINES = 5000;
const MOST_ACCOUNTS = 1000;

export function createReratingHandlers(store: ReratingStore): ReratingHandlers {
  const found = async (id: number): Promise<Rerating> => {
    const rerating = await store.get(id);
    if (rerating === undefined) throw wrong(`there is no re-rating ${String(id)}`);
    return rerating;
  };
  const create = async ({ reverses, ...asked }: CreateReratingRequest): Promise<Rerating> => {
    if (reverses === 0) {
      if (asked.untilMs <= asked.fromMs) throw wrong('until must be later than from');
      if (asked.accounts.length === 0 || asked.accounts.length > MOST_ACCOUNTS) {
        throw wrong(`name 1 to ${String(MOST_ACCOUNTS)} accounts`);
      }
      const made = await store.create({ ...asked, accounts: [...new Set(asked.accounts)], reverses: undefined }); // prettier-ignore
      if (made === undefined) throw new Error('the re-rating was not stored');
      return made;
    }
    const other = await found(reverses);
    const { createdBy, note } = asked;
    const made = await store.create({ ...other, createdBy, note, reverses });
    if (made === undefined) throw wrong(whyNotReversed(other));
    return made;
  };
  return {
    createRerating: async (request) => toRerating(await create(request)),
    getRerating: async ({ id }) => {
      const rerating = await store.get(id);
      return { rerating: rerating && toRerating(rerating) };
    },
    listReratings: async (request) => {
      const limit = request.limit === 0 ? DEFAULT_LIMIT : Math.min(request.limit, MOST_LISTED);
      const list = await store.list(limit + 1, numberedCursor(request.cursor));
      const page = list.slice(0, limit);
      const next = list.length > page.length ? page.at(-1) : undefined;
      return { reratings: page.map(toRerating), nextCursor: next === undefined ? '' : String(next.id) }; // prettier-ignore
    },
    listReratingLines: async ({ cursor, limit: asked, rerating, unrated }) => {
      const limit = asked === 0 ? DEFAULT_LIMIT : Math.min(asked, MOST_LINES);
      const after = numberedCursor(cursor) ?? 0;
      const all = await store.lines({ rerating, isUnrated: unrated, after, limit: limit + 1 });
      const page = all.slice(0, limit);
      const next = all.length > page.length ? page.at(-1) : undefined;
      return { lines: page.map(toLine), nextCursor: next === undefined ? '' : String(next.place) };
    },
    applyRerating: async ({ appliedBy, id }) => {
      const isBegun = await store.apply(id, appliedBy);
      const rerating = await found(id);
      // Who asks twice is told the same.
      if (!isBegun && rerating.state !== 'applying' && rerating.state !== 'applied') {
        throw wrong(`re-rating ${String(id)} is ${rerating.state}: only one that is ready is applied`); // prettier-ignore
      }
      return toRerating(rerating);
    },
    cancelRerating: async ({ id }) => {
      const isGivenUp = await store.cancel(id);
      const rerating = await found(id);
      if (!isGivenUp && rerating.state !== 'cancelled') {
        throw wrong(`re-rating ${String(id)} is ${rerating.state}: reverse it where it was applied`); // prettier-ignore
      }
      return toRerating(rerating);
    },
  };
}

function whyNotReversed({ id, reversedBy, state }: Rerating): string {
  return reversedBy === undefined
    ? `re-rating ${String(id)} is ${state}: only one that is applied is reversed`
    : `re-rating ${String(id)} is reversed by ${String(reversedBy)} already`;
}

function toRerating(rerating: Rerating): ToldRerating {
  const { accounts, applied, dearest, finishedAtMs, held, reversedBy, reverses, sums } = rerating;
  return ToldRerating.create({
    ...rerating,
    accounts: [...accounts],
    held: [...held],
    reverses: reverses ?? 0,
    reversedBy: reversedBy ?? 0,
    finishedAtMs: finishedAtMs ?? 0,
    sums: sums.map((sum) => ({
      ...sum,
      before: formatMoney(sum.before),
      after: formatMoney(sum.after),
      difference: formatMoney(sum.after - sum.before),
    })),
    dearest: dearest.map(toLine),
    applied: applied.map((sum) => ({ ...sum, difference: formatMoney(sum.difference) })),
  });
}

function toLine({ after, before, ...line }: ReratedLine): ToldLine {
  return ToldLine.create({ ...line, before: formatMoney(before), after: after === undefined ? '' : formatMoney(after) }); // prettier-ignore
}
