import { perSecond, quantile, query } from '../description.ts';
import type { Dashboard } from '../description.ts';

const calls = perSecond('tandem_edge_calls_total');
const answers = perSecond('tandem_edge_answers_total');

/** Calls as callers see them. */
export const callsDashboard: Dashboard = {
  name: 'calls',
  title: 'Tandem: calls',
  description:
    'How many calls there are, how many are answered, how fast, and why the others are not.',
  rows: [
    {
      title: 'Traffic',
      panels: [
        {
          title: 'Calls a second',
          unit: 'cps',
          description:
            'Calls begun, answered and failed a second, over all edges. Challenges are no calls.',
          queries: [
            query(calls, 'begun'),
            query(answers, 'answered'),
            query(perSecond('tandem_edge_failures_total'), 'failed'),
          ],
        },
        {
          title: 'Calls up',
          unit: 'short',
          description:
            'Calls in progress on all edges, and those of them without a final answer yet. Every edge reports the same of the first: the largest is shown.',
          queries: [
            query('max(tandem_edge_calls_in_progress)', 'in progress'),
            query('sum(tandem_edge_pending_calls)', 'not answered yet'),
          ],
        },
        {
          title: 'Answer-seizure ratio',
          unit: 'percentunit',
          description:
            'Answered calls of those begun, over a quarter of an hour. What is usual depends on the traffic; a sudden fall is what counts.',
          queries: [
            query(
              `${perSecond('tandem_edge_answers_total', [], '15m')} / (${perSecond('tandem_edge_calls_total', [], '15m')} > 0)`,
              'answered',
            ),
          ],
        },
      ],
    },
    {
      title: 'Set-up',
      panels: [
        {
          title: 'Set-up time',
          unit: 's',
          description:
            "From the caller's INVITE to the first INVITE of a carrier: authentication, routing, lines, balance and the record.",
          queries: [0.5, 0.95, 0.99].map((share) =>
            query(
              quantile(share, 'tandem_edge_set_up_duration_seconds'),
              `${String(share * 100)} %`,
            ),
          ),
        },
        {
          title: 'Failures by reason',
          unit: 'cps',
          description:
            'Calls that were not answered, by termination reason. ServiceUnavailable and InternalError are the switch’s own; tandem explain says of each call why.',
          queries: [query(perSecond('tandem_edge_failures_total', ['reason']), '{{reason}}')],
        },
        {
          title: 'Decisions of routing',
          unit: 'reqps',
          description:
            'What routing has said to calls and failovers, with the reason of a refusal.',
          queries: [
            query(
              perSecond('tandem_routing_decisions_total', ['operation', 'outcome', 'reason']),
              '{{operation}} {{outcome}} {{reason}}',
            ),
          ],
        },
      ],
    },
    {
      title: 'Overload and faults',
      panels: [
        {
          title: 'Refused under overload',
          unit: 'cps',
          description:
            'INVITEs that were refused unread, by what was late, or since their source had more than its share (docs/overload.md).',
          queries: [query(perSecond('tandem_edge_refused_total', ['cause']), '{{cause}}')],
        },
        {
          title: 'Delays',
          unit: 's',
          description:
            'What overload is decided by, the worst edge: lateness of the event loop, age of a datagram in the kernel, the oldest undecided call.',
          queries: [query('max by (of) (tandem_edge_delay_seconds)', '{{of}}')],
        },
        {
          title: 'Edges that shed',
          unit: 'short',
          description: 'Edges that begin fewer new calls than come.',
          queries: [query('sum(tandem_edge_shedding)', 'shedding')],
        },
        {
          title: 'Shed otherwise',
          unit: 'reqps',
          description:
            'Other messages that were refused or dropped unread under overload, by cause.',
          queries: [query(perSecond('tandem_edge_shed_total', ['cause']), '{{cause}}')],
        },
        {
          title: 'Messages dropped',
          unit: 'reqps',
          description:
            'Messages that were dropped or refused as malformed, foreign or stray, by cause.',
          queries: [query(perSecond('tandem_edge_dropped_total', ['cause']), '{{cause}}')],
        },
        {
          title: 'Unexpected errors',
          unit: 'reqps',
          description: 'Faults of the switch: each is in the log of its edge. Must be nothing.',
          queries: [
            query(perSecond('tandem_edge_unexpected_errors_total', ['where']), '{{where}}'),
          ],
        },
      ],
    },
    {
      title: 'In the dialog',
      panels: [
        {
          title: 'Challenges of carriers',
          unit: 'reqps',
          description: 'Challenges in dialogs of calls, by what became of them.',
          queries: [query(perSecond('tandem_edge_challenges_total', ['outcome']), '{{outcome}}')],
        },
        {
          title: 'Refused BYEs',
          unit: 'reqps',
          description:
            'BYEs that the other end refused, by the side that refused: the switch then hangs up on both.',
          queries: [query(perSecond('tandem_edge_refused_byes_total', ['side']), '{{side}}')],
        },
        {
          title: 'Calls ended or looked after by the sweep',
          unit: 'cps',
          description:
            'Answered calls for which something was due: an interim record, an end of the session, the longest duration, a probe, an answer without ACK, a BYE that nobody took.',
          queries: [query(perSecond('tandem_edge_swept_calls_total', ['why']), '{{why}}')],
        },
      ],
    },
  ],
};
