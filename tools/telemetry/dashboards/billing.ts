import { perSecond, quantile, query } from '../description.ts';
import type { Dashboard } from '../description.ts';

/** From the end of a call to its money. */
export const billingDashboard: Dashboard = {
  name: 'billing',
  title: 'Tandem: billing',
  description: 'Call events on their way to CDRs and ledger, and whether all came.',
  rows: [
    {
      title: 'On their way',
      panels: [
        {
          title: 'Events waiting in Kafka',
          unit: 'short',
          description:
            'Call events that are not stored yet, over all billing pods. A balance is behind by as much.',
          queries: [query('sum(tandem_billing_kafka_lag)', 'waiting')],
        },
        {
          title: 'CDRs a second, beside calls that ended',
          unit: 'cps',
          description:
            'In the long run both are the same: calls that were answered or failed, and CDRs stored.',
          queries: [
            query(perSecond('tandem_billing_cdrs_total'), 'CDRs'),
            query(
              `${perSecond('tandem_edge_answers_total')} + ${perSecond('tandem_edge_failures_total')}`,
              'answered or failed',
            ),
          ],
        },
        {
          title: 'Time of a batch',
          unit: 's',
          description: 'To store and charge what was read from Kafka at once, in PostgreSQL.',
          queries: [0.5, 0.95, 0.99].map((share) =>
            query(
              quantile(share, 'tandem_billing_batch_duration_seconds'),
              `${String(share * 100)} %`,
            ),
          ),
        },
      ],
    },
    {
      title: 'What does not fit',
      panels: [
        {
          title: 'Differences of money and CDRs',
          unit: 'short',
          description:
            'What the last daily comparison of events, CDRs and ledger found (tandem reconciliations). Must be 0.',
          queries: [query('max(tandem_billing_reconciliation_differences)', 'differences')],
        },
        {
          title: 'Events put aside',
          unit: 'reqps',
          description: 'Events that cannot be read, charged or stored. Each wants to be looked at.',
          queries: [query(perSecond('tandem_billing_dead_events_total', ['cause']), '{{cause}}')],
        },
        {
          title: 'Batches that failed',
          unit: 'reqps',
          description: 'They are repeated: PostgreSQL was away or refused them.',
          queries: [query(perSecond('tandem_billing_failed_batches_total'), 'failed')],
        },
        {
          title: 'Calls that the closer ended',
          unit: 'cps',
          description:
            'Nobody told how they ended: lost, nothing at all; partial, an end without facts. Revised: their own end came after all.',
          queries: [
            query(perSecond('tandem_billing_closed_calls_total', ['kind']), '{{kind}}'),
            query(perSecond('tandem_billing_revised_cdrs_total'), 'revised'),
          ],
        },
        {
          title: 'CDRs that feeds were not sent yet',
          unit: 'short',
          description:
            'Files and web hook (docs/cdr-feed.md). It rises and falls with their interval; where it only rises nobody takes them.',
          queries: [query('max by (feed) (tandem_billing_feed_behind)', '{{feed}}')],
        },
        {
          title: 'CDRs handed on',
          unit: 'cps',
          description: 'By feed, and into the archive before their day is dropped.',
          queries: [
            query(perSecond('tandem_billing_feed_cdrs_total', ['feed']), '{{feed}}'),
            query(perSecond('tandem_billing_archived_cdrs_total'), 'archive'),
          ],
        },
        {
          title: 'Invoices issued',
          unit: 'short',
          description: 'Invoices and credit notes of the last day (docs/invoices.md).',
          queries: [
            query('sum by (kind) (increase(tandem_billing_invoices_total[1d]))', '{{kind}}'),
          ],
        },
        {
          title: 'Batches, days and invoices that failed',
          unit: 'reqps',
          description:
            'Batches that a feed did not take, days of CDRs that were not made, archived or dropped, invoices that were not made, disputes that were not compared. They are repeated.',
          queries: [
            query(perSecond('tandem_billing_feed_failures_total', ['feed']), '{{feed}}'),
            query(perSecond('tandem_billing_failed_housekeeping_total'), 'days'),
            query(perSecond('tandem_billing_failed_invoices_total'), 'invoices'),
            query(perSecond('tandem_billing_failed_disputes_total'), 'disputes'),
          ],
        },
        {
          title: 'Re-ratings',
          unit: 'short',
          description: 'Re-ratings that are previewed or booked now (docs/rerating.md).',
          queries: [query('sum(tandem_billing_reratings_running)', 'running')],
        },
        {
          title: 'Events that came twice',
          unit: 'reqps',
          description: 'Dropped; some are usual after a pod has died.',
          queries: [query(perSecond('tandem_billing_duplicates_total'), 'twice')],
        },
        {
          title: 'Events that are lost',
          unit: 'reqps',
          description:
            'Neither Redis nor Kafka took them: calls that are not billed. Must be nothing.',
          queries: [query(perSecond('tandem_edge_lost_events_total'), 'lost')],
        },
      ],
    },
    {
      title: 'What is earned on',
      panels: [
        {
          title: 'Traffic in erlangs',
          unit: 'short',
          description:
            'Seconds talked a second over each routing gateway, of calls that are over: how many were up on average.',
          queries: [
            query(
              perSecond('tandem_billing_gateway_talk_time_seconds_total', ['gateway']),
              '{{gateway}}',
            ),
          ],
        },
      ],
    },
  ],
};
