import { ExportCdrsResponse } from '@tandem/proto/billing';
import type { ListCdrsRequest } from '@tandem/proto/billing';
import { writeCursor } from '../core/cdr-cursor.ts';
import { csvHead, csvLines } from '../core/cdr-csv.ts';
import type { BillingStore } from '../ports.ts';
import { filterOf } from './cdr-filter.ts';

/** What fits an answer of gRPC. */
const MOST_EXPORTED = 5000;

/** A page of CDRs as CSV, oldest first. */
export async function exportPage(
  request: ListCdrsRequest,
  store: Pick<BillingStore, 'exportCdrs'>,
): Promise<ExportCdrsResponse> {
  const filter = filterOf(request, { limit: MOST_EXPORTED, most: MOST_EXPORTED });
  const { last, rows } = await store.exportCdrs(filter);
  const head = request.cursor === '' ? csvHead() : '';
  const isLast = last === undefined || rows.length < filter.limit;
  return ExportCdrsResponse.create({
    csv: Buffer.from(head + csvLines(rows)),
    cdrs: rows.length,
    nextCursor: isLast ? '' : writeCursor(last),
  });
}
