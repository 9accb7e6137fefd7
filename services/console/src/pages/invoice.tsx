import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { download } from '../api/download.ts';
import { useMay } from '../api/session.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Facts, Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { Tile, Tiles } from '../ui/tiles.tsx';
import { Time } from '../ui/time.tsx';
import { LIVE_MS, useAnswer } from '../ui/use-answer.ts';

type Whole = Schemas['WholeInvoice'];
type Line = Schemas['InvoiceLine'];

/** One invoice with its lines; what can be done with it. */
export function InvoicePage(): ReactElement {
  const { id: text } = useParams<{ id: string }>();
  const id = Number(text);
  const [isPreparing, setPreparing] = useState(false);
  const told = useAnswer(
    ['invoice', id],
    async () => {
      const found = await answerOf(api.GET('/api/v1/invoices/{id}', { params: { path: { id } } }));
      setPreparing(found.invoice.state === 'preparing');
      return found;
    },
    isPreparing ? { everyMs: LIVE_MS } : {},
  );
  const { data } = told;
  return (
    <Page
      title={data === undefined ? 'Invoice' : titleOf(data)}
      lead={data === undefined ? '' : leadOf(data)}
      actions={data === undefined ? undefined : <Actions whole={data} />}
    >
      <ProblemBox error={told.error} />
      {data === undefined ? null : <Content whole={data} />}
    </Page>
  );
}

function titleOf({ invoice: { id, kind, number } }: Whole): string {
  const what = kind === 'invoice' ? 'Invoice' : 'Credit note';
  return number === '' ? `${what}, draft ${String(id)}` : `${what} ${number}`;
}

function leadOf({ invoice }: Whole): string {
  const { account, firstDay, lastDay, state } = invoice;
  if (state === 'preparing') return 'It is being added up.';
  return `${account}, ${firstDay} to ${lastDay}${state === 'draft' ? '. Not issued: look at it first.' : ''}`;
}

function Content({ whole }: { readonly whole: Whole }): ReactElement {
  const { buyer, invoice, lines, taxes } = whole;
  const { currency } = invoice;
  const isInvoice = invoice.kind === 'invoice';
  return (
    <>
      <Tiles>
        <Tile label="Charges, exactly" value={invoice.charges} />
        <Tile label="Net" value={`${invoice.net} ${currency}`} />
        {taxes.map(({ amount, name, percent }) => (
          <Tile key={name} label={`${name} ${percent} %`} value={`${amount} ${currency}`} />
        ))}
        <Tile label="Total" value={`${invoice.total} ${currency}`} />
      </Tiles>
      <Facts
        facts={[
          ['For', buyer.legalName],
          [
            'Account',
            <Link key="account" href={entryHref('accounts', invoice.account)}>
              {invoice.account}
            </Link>,
          ],
          ['Time zone', invoice.timeZone],
          ['Balance before', isInvoice ? invoice.openingBalance : undefined],
          ['Payments', isInvoice ? invoice.payments : undefined],
          ['Balance after', isInvoice ? invoice.closingBalance : undefined],
          [
            'Invoice',
            invoice.refersTo === null ? undefined : (
              <Link key="refers" href={`/invoices/${String(invoice.refersTo)}`}>
                {invoice.refersToNumber}
              </Link>
            ),
          ],
          ['Drafted by', invoice.createdBy],
          ['Issued by', invoice.issuedBy],
          ['Issued at', <Time key="issued" at={invoice.issuedAt} />],
          ['Due', invoice.dueOn],
        ]}
      />
      <Section title="Lines">
        <DataTable
          name="Lines"
          columns={columns}
          rows={lines}
          keyOf={(line) => JSON.stringify(line)}
          empty="Nothing was charged or paid."
        />
      </Section>
    </>
  );
}

const columns: readonly Column<Line>[] = [
  { id: 'kind', header: 'What', cell: ({ kind }) => kind },
  { id: 'destination', header: 'Destination', cell: ({ destination }) => destination },
  { id: 'rate', header: 'Rate', cell: ({ rate }) => rate },
  { id: 'entries', header: 'Entries', cell: ({ entries }) => entries, isNumber: true },
  { id: 'seconds', header: 'Seconds', cell: ({ billedSeconds }) => billedSeconds, isNumber: true },
  { id: 'amount', header: 'Amount', cell: ({ amount }) => amount, isNumber: true },
  { id: 'at', header: 'Time', cell: ({ at }) => <Time at={at} /> },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
];

function Actions({ whole: { invoice } }: { readonly whole: Whole }): ReactElement {
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [isCrediting, setCrediting] = useState(false);
  const { id, kind, state } = invoice;
  const mayIssue = useMay('issueInvoice');
  const path = { params: { path: { id } } };
  const issue = useMutation({
    mutationFn: async () => answerOf(api.POST('/api/v1/invoices/{id}/issue', path)),
    onSuccess: async ({ number }) => {
      tell(`${number} is issued`);
      await queries.invalidateQueries({ queryKey: ['invoice', id] });
    },
    onError: (error) => {
      tellProblem('It was not issued', error);
    },
  });
  const discard = useMutation({
    mutationFn: async () => answerOf(api.DELETE('/api/v1/invoices/{id}', path)),
    onSuccess: () => {
      go('/invoices');
    },
    onError: (error) => {
      tellProblem('It was not discarded', error);
    },
  });
  return (
    <>
      {(['pdf', 'csv'] as const).map((format) => (
        <button
          key={format}
          type="button"
          className="button"
          onClick={() => {
            download(
              `/invoices/${String(id)}`,
              { format },
              `${kind}-${String(id)}.${format}`,
            ).catch((error: unknown) => {
              tellProblem('It could not be saved', error);
            });
          }}
        >
          {format.toUpperCase()}
        </button>
      ))}
      {mayIssue && state === 'draft' ? (
        <>
          <button
            type="button"
            className="button"
            disabled={discard.isPending}
            onClick={() => {
              discard.mutate();
            }}
          >
            Discard
          </button>
          <button
            type="button"
            className="button primary"
            disabled={issue.isPending}
            onClick={() => {
              issue.mutate();
            }}
          >
            Issue
          </button>
        </>
      ) : null}
      {mayIssue && state === 'issued' && kind === 'invoice' ? (
        <button
          type="button"
          className="button"
          onClick={() => {
            setCrediting(true);
          }}
        >
          Credit note …
        </button>
      ) : null}
      {isCrediting ? (
        <CreditDialog
          invoice={invoice}
          onClose={() => {
            setCrediting(false);
          }}
        />
      ) : null}
    </>
  );
}

function CreditDialog({
  invoice,
  onClose,
}: {
  readonly invoice: Whole['invoice'];
  readonly onClose: () => void;
}): ReactElement {
  const [, go] = useLocation();
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const credit = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/invoices/{id}/credit-notes', {
          params: { path: { id: invoice.id } },
          body: { amount, reason },
        }),
      ),
    onSuccess: ({ id }) => {
      onClose();
      go(`/invoices/${String(id)}`);
    },
  });
  return (
    <Dialog title={`Credit note for ${invoice.number}`} isOpen onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          credit.mutate();
        }}
      >
        <label className="filter">
          <span>
            {invoice.isTaxIncluded ? 'Amount with taxes' : 'Net amount'} in {invoice.currency};
            empty: all that is left
          </span>
          <input
            value={amount}
            inputMode="decimal"
            pattern="\d+(\.\d{1,9})?"
            onChange={(event) => {
              setAmount(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>Reason; it stands on the credit note</span>
          <input
            value={reason}
            required
            maxLength={500}
            onChange={(event) => {
              setReason(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={credit.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={credit.isPending}>
            Draft
          </button>
        </div>
      </form>
    </Dialog>
  );
}
