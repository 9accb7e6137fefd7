import { formatMoney } from '@tandem/domain';
import type { PoolClient } from '@tandem/service';
import type { ToldCall } from '../dispute-ports.ts';
import { plainColumn, textColumn } from './pg-columns.ts';

/** Of the numbers by which calls are compared. */
export function keyOf(callee: string, caller: string): string {
  return `${callee} ${caller}`.slice(0, 200);
}

/** A call that is kept to be compared. */
export type KeptCall = ToldCall & { readonly key: string; readonly place: number };

/** Keeps calls; the same ones once. */
export async function keepCalls(
  client: PoolClient,
  {
    attempt,
    calls,
    dispute,
    isOurs,
  }: {
    readonly dispute: number;
    readonly attempt: string;
    readonly isOurs: boolean;
    readonly calls: readonly KeptCall[];
  },
): Promise<void> {
  await client.query(
    `INSERT INTO tandem_billing.dispute_call
       (dispute, attempt, is_ours, place, key, start_ms, duration_ms, price, id, caller, callee)
     SELECT $1, $2, $3, place, key, start_ms, duration_ms, price, coalesce(id, ''), coalesce(caller, ''), coalesce(callee, '')
     FROM unnest($4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::numeric[], $9::text[], $10::text[], $11::text[])
       AS call(place, key, start_ms, duration_ms, price, id, caller, callee)
     ON CONFLICT DO NOTHING`,
    [
      dispute,
      attempt,
      isOurs,
      plainColumn(calls, ({ place }) => place),
      textColumn(calls, ({ key }) => key),
      plainColumn(calls, ({ startMs }) => startMs),
      plainColumn(calls, ({ durationMs }) => durationMs),
      plainColumn(calls, ({ price }) => (price === undefined ? undefined : formatMoney(price))),
      textColumn(calls, ({ id }) => clean(id)),
      textColumn(calls, ({ caller }) => clean(caller)),
      textColumn(calls, ({ callee }) => clean(callee)),
    ],
  );
}

function clean(text: string): string {
  return text.slice(0, 200).replaceAll('\0', '');
}
