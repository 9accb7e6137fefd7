import { perSecond, query } from '../description.ts';
import type { Dashboard } from '../description.ts';

/** Pods of the edge, and how they stand in for each other. */
export const edgesDashboard: Dashboard = {
  name: 'edges',
  title: 'Tandem: edges',
  description:
    'Pods that come and go, calls that they take over from each other, the outbox, connections, relays.',
  rows: [
    {
      title: 'Pods',
      panels: [
        {
          title: 'Pods that live',
          unit: 'short',
          description: 'By role, and whether they drain; as the pod sees it that sees most.',
          queries: [
            query('max by (role, draining) (tandem_edge_pods)', '{{role}} draining={{draining}}'),
          ],
        },
        {
          title: 'Draining',
          unit: 'short',
          description: 'Pods that drain, and times that one began to.',
          queries: [
            query('sum(tandem_edge_draining)', 'draining'),
            query('sum(increase(tandem_edge_drains_total[$__rate_interval]))', 'begun'),
          ],
        },
        {
          title: 'Slots and calls lost',
          unit: 'reqps',
          description:
            'A pod was paused for so long that its lease ran out, or that another one had taken its calls; leases of lines without a call.',
          queries: [
            query(perSecond('tandem_edge_lost_slots_total'), 'slots lost'),
            query(perSecond('tandem_edge_lost_calls_total'), 'calls of another pod by then'),
            query(perSecond('tandem_edge_leases_freed_total'), 'leases freed'),
          ],
        },
      ],
    },
    {
      title: 'Standing in',
      panels: [
        {
          title: 'Adoptions',
          unit: 'cps',
          description:
            'Calls taken over: offered by a pod that drains, or found by a message or the sweep after a pod had died.',
          queries: [query(perSecond('tandem_edge_adoptions_total', ['cause']), '{{cause}}')],
        },
        {
          title: 'Messages handed over',
          unit: 'reqps',
          description:
            'To the pod that has their call: how well the balancer keeps a call at a pod.',
          queries: [query(perSecond('tandem_edge_handed_messages_total', ['kind']), '{{kind}}')],
        },
        {
          title: 'Calls offered while draining',
          unit: 'cps',
          description: 'Calls without a final answer that were offered to other pods.',
          queries: [query(perSecond('tandem_edge_handed_calls_total'), 'offered')],
        },
      ],
    },
    {
      title: 'Outbox',
      panels: [
        {
          title: 'Events in the outbox',
          unit: 'short',
          description: 'Of all pods, not known to be in Kafka yet; every pod reports the same.',
          queries: [query('max(tandem_edge_outbox_length)', 'waiting')],
        },
        {
          title: 'Age of the outbox',
          unit: 's',
          description: 'How long the oldest event has waited: seconds are usual, a minute is not.',
          queries: [query('max(tandem_edge_outbox_age_seconds)', 'oldest')],
        },
        {
          title: 'Events',
          unit: 'reqps',
          description: 'Acknowledged by Kafka, and those that went there without Redis.',
          queries: [
            query(perSecond('tandem_edge_events_total'), 'acknowledged'),
            query(perSecond('tandem_edge_unstored_events_total', ['type']), 'unstored {{type}}'),
          ],
        },
      ],
    },
    {
      title: 'Network',
      panels: [
        {
          title: 'Advertised addresses',
          unit: 'short',
          description:
            'What the test of each address found: whether the source of packets is kept, whether it leads here (tandem network).',
          queries: [
            query(
              'max by (transport, target, source, leads_here) (tandem_edge_network)',
              '{{transport}} {{target}} source={{source}} leads_here={{leads_here}}',
            ),
          ],
        },
        {
          title: 'Connections',
          unit: 'short',
          description: 'Open ones of peers, by transport.',
          queries: [query('sum by (transport) (tandem_edge_connections)', '{{transport}}')],
        },
        {
          title: 'Connections closed by us, handshakes failed',
          unit: 'reqps',
          description:
            'For want of room, as idle, too slow, silent, or broken; and TLS that came to nothing.',
          queries: [
            query(
              perSecond('tandem_edge_connections_dropped_total', ['transport']),
              '{{transport}}',
            ),
            query(
              perSecond('tandem_edge_handshakes_failed_total', ['direction']),
              'handshake {{direction}}',
            ),
          ],
        },
        {
          title: 'Certificate of SIP over TLS',
          unit: 'dateTimeFromNow',
          description: 'When the first one expires.',
          queries: [query('min(tandem_edge_certificate_expiry_seconds) * 1000', 'expires')],
        },
        {
          title: 'Changed certificates',
          unit: 'reqps',
          description:
            'Files that were looked at: replaced, or kept since the new ones are of no use.',
          queries: [
            query(perSecond('tandem_edge_certificate_changes_total', ['result']), '{{result}}'),
          ],
        },
      ],
    },
    {
      title: 'Media',
      panels: [
        {
          title: 'Media relays',
          unit: 'bool',
          description: '1 for each that answers; the edge that sees least decides.',
          queries: [query('min by (relay) (tandem_edge_media_relays)', '{{relay}}')],
        },
        {
          title: 'Attempts with media',
          unit: 'cps',
          description: 'Attempts whose media was to go through a relay, by whether one answered.',
          queries: [query(perSecond('tandem_edge_media_attempts_total', ['result']), '{{result}}')],
        },
        {
          title: 'Commands to relays',
          unit: 'reqps',
          description: 'By command and result, pings aside.',
          queries: [
            query(
              perSecond('tandem_edge_media_commands_total', ['command', 'result']),
              '{{command}} {{result}}',
            ),
          ],
        },
      ],
    },
  ],
};
