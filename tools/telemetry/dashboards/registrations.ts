import { perSecond, quantile, query } from '../description.ts';
import type { Dashboard } from '../description.ts';

/** Phones that register (REG-06, REG-09). */
export const registrationsDashboard: Dashboard = {
  name: 'registrations',
  title: 'Tandem: registrations',
  description: 'Phones that are registered, how they come and go, and why some do not.',
  rows: [
    {
      title: 'Phones',
      panels: [
        {
          title: 'Registered phones',
          unit: 'short',
          description: 'Every pod reports the same: the largest is shown.',
          queries: [query('max(tandem_registrar_registered)', 'registered')],
        },
        {
          title: 'Requests by outcome',
          unit: 'reqps',
          description:
            'Requests to register that auth has let through: added, refreshed, removed, fetched, refused; error: they could not be decided.',
          queries: [
            query(perSecond('tandem_registrar_registrations_total', ['outcome']), '{{outcome}}'),
          ],
        },
        {
          title: 'Answers by code',
          unit: 'reqps',
          description: 'All REGISTER requests that were answered; 401 is the usual challenge.',
          queries: [query(perSecond('tandem_edge_registers_total', ['code']), '{{code}}')],
        },
      ],
    },
    {
      title: 'Why not, and how fast',
      panels: [
        {
          title: 'Events by cause',
          unit: 'reqps',
          description:
            'What the journal was told: refusals with their causes, new registrations, refreshes. tandem registrations analysis divides them by network, country and device.',
          queries: [query(perSecond('tandem_journal_noted_total', ['cause']), '{{cause}}')],
        },
        {
          title: 'Processing time',
          unit: 's',
          description: 'Of a request in the registrar, its store included.',
          queries: [0.5, 0.95, 0.99].map((share) =>
            query(quantile(share, 'tandem_registrar_duration_seconds'), `${String(share * 100)} %`),
          ),
        },
        {
          title: 'Refused unread',
          unit: 'reqps',
          description:
            'REGISTER requests that were refused before anybody was asked, by what there was too much of.',
          queries: [query(perSecond('tandem_edge_registers_shed_total', ['cause']), '{{cause}}')],
        },
      ],
    },
    {
      title: 'Bindings',
      panels: [
        {
          title: 'Ended otherwise than by their phone',
          unit: 'reqps',
          description:
            'Expired, replaced by another device, removed by an operator, connection closed.',
          queries: [
            query(perSecond('tandem_registrar_bindings_ended_total', ['cause']), '{{cause}}'),
          ],
        },
        {
          title: 'Keep-alives',
          unit: 'reqps',
          description: 'OPTIONS to phones behind NAT, by what became of them.',
          queries: [query(perSecond('tandem_edge_keepalives_total', ['outcome']), '{{outcome}}')],
        },
        {
          title: 'Out of reach, and back',
          unit: 'reqps',
          description:
            'Phones behind NAT that were found to answer no keep-alives, or to answer again.',
          queries: [
            query(perSecond('tandem_registrar_reachability_total', ['change']), '{{change}}'),
          ],
        },
      ],
    },
  ],
};
