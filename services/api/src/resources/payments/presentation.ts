import type { GetStatementResponse, Payment } from '@tandem/proto/billing';
import { csvText } from '../csv.ts';
import { presentTime } from '../times.ts';
import { paymentKind, type PaymentView, type StatementView } from './schemas.ts';

export function presentPayment({ atMs, balanceAfter, kind, ...told }: Payment): PaymentView {
  return {
    ...told,
    at: presentTime(atMs),
    kind: paymentKind.parse(kind),
    balanceAfter: balanceAfter === '' ? null : balanceAfter,
  };
}

export function paymentsCsv(payments: readonly PaymentView[]): string {
  return csvText(payments, ['at', 'account', 'kind', 'amount', 'currency', 'balanceAfter', 'bookedBy', 'reference', 'note']); // prettier-ignore
}

export function presentStatement(
  account: string,
  time: { readonly fromMs: number; readonly untilMs: number },
  { lines, ...statement }: GetStatementResponse,
): StatementView {
  return {
    ...statement,
    account,
    from: presentTime(time.fromMs),
    until: presentTime(time.untilMs),
    lines: lines.map(({ atMs, kind, ...line }) => ({
      ...line,
      at: presentTime(atMs),
      kind: kind as StatementView['lines'][number]['kind'],
    })),
  };
}

export function statementCsv({ lines }: StatementView): string {
  return csvText(lines, ['at', 'kind', 'amount', 'balance', 'entries', 'reference', 'note']);
}
