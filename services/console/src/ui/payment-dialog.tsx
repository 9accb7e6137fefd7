import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';
import { tell } from './tell.ts';

type Account = Schemas['Account'];

/** What a payment may be. */
export const paymentKinds = ['payment', 'recharge', 'refund', 'correction'] as const;
type PaymentKind = (typeof paymentKinds)[number];

/** Books money that an account has paid, was given, or that is put right. */
export function PaymentDialog({
  account,
  onClose,
}: {
  readonly account: Account;
  readonly onClose: () => void;
}): ReactElement {
  const queries = useQueryClient();
  const [sum, setSum] = useState('');
  // Booked once, however often it is sent: made as the dialog opens.
  const [reference, setReference] = useState(() => `console-${new Date().toISOString()}`);
  const [note, setNote] = useState('');
  const [kind, setKind] = useState<PaymentKind>('payment');
  const payment = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/accounts/{name}/payments', {
          params: { path: { name: account.name } },
          body: { amount: sum, reference, note, kind },
        }),
      ),
    onSuccess: async ({ account: { name, balance, currency }, isBooked }) => {
      tell(
        isBooked ? 'The payment was booked' : 'This reference was booked before',
        `${name} has ${balance ?? ''} ${currency}`,
      );
      onClose();
      await Promise.all(
        ['accounts', 'account', 'statement', 'payments'].map((key) =>
          queries.invalidateQueries({ queryKey: [key] }),
        ),
      );
    },
  });
  return (
    <Dialog title={`Payment of ${account.name}`} isOpen onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          payment.mutate();
        }}
      >
        <p>
          It has {account.balance} {account.currency}.
        </p>
        <label className="filter">
          <span>Amount in {account.currency}; with a minus it takes money off</span>
          <input
            value={sum}
            inputMode="decimal"
            required
            pattern="-?\d+(\.\d{1,9})?"
            onChange={(event) => {
              setSum(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>What it is; a correction alone may be less than a coin</span>
          <select
            value={kind}
            onChange={(event) => {
              setKind(paymentKinds.find((each) => each === event.target.value) ?? 'payment');
            }}
          >
            {paymentKinds.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label className="filter">
          <span>Reference: the same one books once</span>
          <input
            value={reference}
            required
            maxLength={128}
            onChange={(event) => {
              setReference(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>Note</span>
          <input
            value={note}
            maxLength={1000}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={payment.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={payment.isPending}>
            Book
          </button>
        </div>
      </form>
    </Dialog>
  );
}
