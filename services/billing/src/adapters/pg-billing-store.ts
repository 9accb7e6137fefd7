import type { Pool } from '@tandem/service';
import type { BillingStore, OpenCallStore } from '../ports.ts';
import { at, startsOf } from './pg-cdr-days.ts';
import { exportCdrs } from './pg-cdr-export.ts';
import { pgCdrPartitions } from './pg-cdr-partitions.ts';
import { analyse } from './pg-analysis.ts';
import { pgFeeds } from './pg-feeds.ts';
import { findCdrs, listCdrs } from './pg-cdr-queries.ts';
import { reviseCdrs } from './pg-cdr-revision.ts';
import { byteColumn, plainColumn, textColumn } from './pg-columns.ts';
import { bookPayment, openAccounts, readBalances } from './pg-ledger.ts';
import { listPayments, readStatement } from './pg-payments.ts';
import { orSwitchError } from './pg-failures.ts';
import { pgOpenCalls } from './pg-open-calls.ts';
import { pgReconciliation } from './pg-reconciliation.ts';
import { writeBatch } from './pg-write-batch.ts';

export interface PgBillingStoreParts {
  readonly pool: Pool;
  /** From `openWriter`. */
  readonly writer: Pool;
}

/** The store in PostgreSQL. The pools belong to the caller, who also closes them. */
export function createPgBillingStore({ pool, writer }: PgBillingStoreParts): BillingStore {
  return {
    write: (batch) => orSwitchError(writeBatch(writer, batch)),
    writeJoined: (ended) => orSwitchError(writeBatch(writer, { ended, answered: [] }, true)),
    revise: (rows, kind) => orSwitchError(reviseCdrs(writer, rows, kind)),
    addDecisions: (callId, decisions) => orSwitchError(addDecisions(writer, callId, decisions)),
    openCalls: guarded(pgOpenCalls(writer)),
    reconciliation: pgReconciliation(pool),
    partitions: pgCdrPartitions(pool),
    feeds: pgFeeds(pool),
    analysis: { analyse: (query) => orSwitchError(analyse(pool, query)) },
    openAccounts: (accounts) => orSwitchError(openAccounts(pool, accounts)),
    balances: (accounts) => orSwitchError(readBalances(pool, accounts)),
    bookPayment: (payment) => orSwitchError(bookPayment(pool, payment)),
    payments: (filter) => orSwitchError(listPayments(pool, filter)),
    statement: (asked) => orSwitchError(readStatement(pool, asked)),
    listCdrs: (filter) => orSwitchError(listCdrs(pool, filter)),
    exportCdrs: (filter) => orSwitchError(exportCdrs(pool, filter)),
    findCdrs: (callId) => orSwitchError(findCdrs(pool, callId)),
    bury: async (messages) => {
      const values = byteColumn(messages.map((message) => message.value));
      await orSwitchError(
        pool.query(BURY, [
          textColumn(messages, (message) => clean(message.position)),
          textColumn(messages, (message) => clean(message.cause)),
          plainColumn(values.lengths, (length) => length),
          values.bytes,
        ]),
      );
    },
    ping: () => pool.query('SELECT 1').then(() => true, () => false), // prettier-ignore
  };
}

function guarded(store: OpenCallStore): OpenCallStore {
  return {
    keepPartialEnds: (events) => orSwitchError(store.keepPartialEnds(events)),
    matchedEnds: (limit) => orSwitchError(store.matchedEnds(limit)),
    quietCalls: (beforeMs, limit) => orSwitchError(store.quietCalls(beforeMs, limit)),
    lonelyEnds: (beforeMs, limit) => orSwitchError(store.lonelyEnds(beforeMs, limit)),
    writeProvisional: (rows, kind) => orSwitchError(store.writeProvisional(rows, kind)),
    partialEnds: (callIds) => orSwitchError(store.partialEnds(callIds)),
    standing: (after, limit) => orSwitchError(store.standing(after, limit)),
    standingOf: (callIds) => orSwitchError(store.standingOf(callIds)),
    charged: (callIds) => orSwitchError(store.charged(callIds)),
    forget: (callIds) => orSwitchError(store.forget(callIds)),
    report: (reader, currentSinceMs) => orSwitchError(store.report(reader, currentSinceMs)),
  };
}

async function addDecisions(writer: Pool, callId: string, decisions: Uint8Array): Promise<boolean> {
  const startedMs = (await startsOf(writer, [callId])).get(callId);
  if (startedMs === undefined) return false;
  const added = await writer.query(
    `UPDATE tandem_billing.cdr
     SET event = CASE WHEN position($2::bytea IN event) > 0 THEN event ELSE event || $2::bytea END
     WHERE call_id = $1 AND ${at(startedMs)}`,
    [callId, Buffer.from(decisions)],
  );
  return (added.rowCount ?? 0) > 0;
}

const BURY = `
INSERT INTO tandem_billing.dead_event (position, cause, value)
SELECT position, coalesce(cause, ''), substring($4::bytea FROM first_byte::integer FOR bytes)
FROM (
  SELECT *, 1 + sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS first_byte
  FROM unnest($1::text[], $2::text[], $3::integer[]) AS row(position, cause, bytes)
) dead
ON CONFLICT DO NOTHING`;

function clean(text: string): string {
  return text.slice(0, 500).replaceAll('\0', '');
}
