import { perSecond, quantile, query } from '../description.ts';
import type { Dashboard } from '../description.ts';

/** Redis, Kafka and PostgreSQL as the services see them, and the services as they see each other. */
export const storesDashboard: Dashboard = {
  name: 'stores',
  title: 'Tandem: stores and services',
  description:
    'How fast Redis, Kafka, PostgreSQL and the services answer, as whoever asks sees it.',
  rows: [
    {
      title: 'Redis',
      panels: [
        {
          title: 'Time of a script, 99 %',
          unit: 's',
          description: 'From the call to its answer, network and queue included, by script.',
          queries: [
            query(quantile(0.99, 'tandem_redis_duration_seconds', ['script']), '{{script}}'),
          ],
        },
        {
          title: 'Scripts a second',
          unit: 'reqps',
          description: 'Calls by script.',
          queries: [
            query(perSecond('tandem_redis_duration_seconds_count', ['script']), '{{script}}'),
          ],
        },
        {
          title: 'Scripts that failed',
          unit: 'reqps',
          description:
            'No connection, no answer in time, or refused (full memory). Must be nothing.',
          queries: [query(perSecond('tandem_redis_failures_total', ['script']), '{{script}}')],
        },
      ],
    },
    {
      title: 'Services',
      panels: [
        {
          title: 'Time of a request, 99 %',
          unit: 's',
          description: 'Between services, as the caller sees it, by method.',
          queries: [query(quantile(0.99, 'tandem_rpc_duration_seconds', ['method']), '{{method}}')],
        },
        {
          title: 'Time of a decision of routing, 99 %',
          unit: 's',
          description: 'Within routing, lines included.',
          queries: [
            query(
              quantile(0.99, 'tandem_routing_duration_seconds', ['operation']),
              '{{operation}}',
            ),
          ],
        },
        {
          title: 'Requests that failed',
          unit: 'reqps',
          description: 'The service was away, or did not answer in time, by method.',
          queries: [query(perSecond('tandem_rpc_failures_total', ['method']), '{{method}}')],
        },
        {
          title: 'Certificates between services',
          unit: 'dateTimeFromNow',
          description: 'When the first one expires.',
          queries: [query('min(tandem_rpc_certificate_expiry_seconds) * 1000', 'expires')],
        },
        {
          title: 'Changed certificates between services',
          unit: 'reqps',
          description:
            'Files that were looked at: replaced, or kept since the new ones are of no use.',
          queries: [
            query(perSecond('tandem_rpc_certificate_changes_total', ['result']), '{{result}}'),
          ],
        },
      ],
    },
    {
      title: 'Kafka and PostgreSQL',
      panels: [
        {
          title: 'What waits for Kafka',
          unit: 'short',
          description: 'Events of all edges that are not known to be there.',
          queries: [query('max(tandem_edge_outbox_length)', 'outbox')],
        },
        {
          title: 'What waits in Kafka',
          unit: 'short',
          description: 'For billing and for the journal to write it into PostgreSQL.',
          queries: [
            query('sum(tandem_billing_kafka_lag)', 'call events'),
            query('sum(tandem_journal_kafka_lag)', 'journal'),
            query('sum(tandem_messages_kafka_lag)', 'frames of SIP messages'),
          ],
        },
        {
          title: 'Batches of billing',
          unit: 's',
          description: 'Time of a transaction in PostgreSQL, 99 %.',
          queries: [query(quantile(0.99, 'tandem_billing_batch_duration_seconds'), '99 %')],
        },
        {
          title: 'Journal kept',
          unit: 'reqps',
          description: 'Entries that were kept, by cause.',
          queries: [query(perSecond('tandem_journal_entries_total', ['cause']), '{{cause}}')],
        },
        {
          title: 'Journal not kept',
          unit: 'reqps',
          description: 'Lost since Kafka did not take them, or dropped by the journal.',
          queries: [
            query(perSecond('tandem_journal_lost_total'), 'lost'),
            query(perSecond('tandem_journal_dropped_total', ['cause']), 'dropped {{cause}}'),
          ],
        },
        {
          title: 'Replays',
          unit: 'short',
          description:
            'Replays that are worked on, and calls of the past that are routed a second.',
          queries: [
            query('sum(tandem_api_replays_running)', 'running'),
            query(perSecond('tandem_routing_replayed_total'), 'calls a second'),
          ],
        },
        {
          title: 'SIP messages',
          unit: 'reqps',
          description:
            'Recorded at the sockets, written into PostgreSQL, and those that nobody will read.',
          queries: [
            query(perSecond('tandem_messages_recorded_total'), 'recorded'),
            query(perSecond('tandem_messages_kept_total'), 'kept'),
            query(perSecond('tandem_messages_lost_total', ['cause']), 'lost {{cause}}'),
            query(perSecond('tandem_messages_dropped_total', ['cause']), 'dropped {{cause}}'),
          ],
        },
        {
          title: 'What SIP messages take',
          unit: 'bytes',
          description: 'In PostgreSQL: the oldest go at TANDEM_MESSAGES_MEGABYTES.',
          queries: [query('max(tandem_messages_stored_bytes)', 'stored')],
        },
      ],
    },
    {
      title: 'Alarms of the switch itself',
      panels: [
        {
          title: 'Alarms raised',
          unit: 'none',
          description: 'As the pod of the api says that judges them; tandem alarms lists them.',
          queries: [query('max by (severity) (tandem_api_alarms)', '{{severity}}')],
        },
        {
          title: 'Channels told',
          unit: 'reqps',
          description:
            'Attempts to tell webhooks and mail: failed ones are repeated, given-up ones are not. tandem alarms channels says why.',
          queries: [
            query(perSecond('tandem_api_alarm_notifications_total', ['outcome']), '{{outcome}}'),
          ],
        },
      ],
    },
  ],
};
