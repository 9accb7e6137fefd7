import { formatMoney } from '@tandem/domain';
import { AnalyseCallsResponse, CallFigures } from '@tandem/proto/billing';
import type { AnalyseCallsRequest } from '@tandem/proto/billing';
import { possibleDimensions, rollupFor, wantedBy } from '../core/rollups.ts';
import { dimensions } from '../ports.ts';
import type { AnalysisQuery, AnalysisRow, AnalysisStore, Dimension } from '../ports.ts';
import { given, wrong } from './cdr-filter.ts';

const DEFAULT_ROWS = 1000;
const MOST_ROWS = 10_000;

/** What calls come to (BILL-06). Times are widened to what is added up: hours, or days. */
export async function analyseCalls(
  request: AnalyseCallsRequest,
  store: AnalysisStore,
): Promise<AnalyseCallsResponse> {
  const { fromMs, untilMs } = request;
  if (fromMs >= untilMs) throw wrong('from is not before until');
  const query = {
    by: request.by.map(readDimension),
    isMoney: request.money,
    account: given(request.account),
    vendor: given(request.vendor),
    origin: given(request.origin),
    gateway: given(request.gateway),
    destination: given(request.destination.replace(/^\+/, '')),
  } satisfies Omit<AnalysisQuery, 'fromMs' | 'untilMs' | 'limit'>;
  const rollup = rollupFor(query);
  if (rollup === undefined) {
    throw wrong(
      `calls are not added up by ${wantedBy(query).join(', ')} together: what can be asked for together, to group by and to narrow by, is ${possibleDimensions(query.isMoney)}`,
    );
  }
  const { stepMs } = rollup;
  const span = {
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    untilMs: Math.ceil(untilMs / stepMs) * stepMs,
  };
  const limit = request.limit === 0 ? DEFAULT_ROWS : Math.min(request.limit, MOST_ROWS);
  const rows = await store.analyse({ ...query, ...span, limit: limit + 1 });
  return AnalyseCallsResponse.create({
    ...span,
    rows: rows.slice(0, limit).map(toFigures),
    more: rows.length > limit,
  });
}

function readDimension(name: string): Dimension {
  const found = dimensions.find((each) => each === name);
  if (found === undefined) throw wrong(`by has "${name}": write some of ${dimensions.join(', ')}`);
  return found;
}

function toFigures(row: AnalysisRow): CallFigures {
  const { cost, hasFigures, keys, price, ...figures } = row;
  return CallFigures.create({
    ...figures,
    keys: [...keys],
    figures: hasFigures,
    price: formatMoney(price),
    cost: formatMoney(cost),
  });
}
