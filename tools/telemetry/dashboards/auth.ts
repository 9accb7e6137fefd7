import { perSecond, query } from '../description.ts';
import type { Dashboard } from '../description.ts';

/** Who calls and registers, and who may not. */
export const authDashboard: Dashboard = {
  name: 'auth',
  title: 'Tandem: authentication',
  description: 'Challenges, refusals, guesses of passwords, signatures of calls.',
  rows: [
    {
      title: 'Decisions',
      panels: [
        {
          title: 'Requests by outcome',
          unit: 'reqps',
          description:
            'What auth has said: allow, challenge, deny, unanswered (no answer is given at all), error.',
          queries: [
            query(perSecond('tandem_auth_authentications_total', ['outcome']), '{{outcome}}'),
          ],
        },
        {
          title: 'Refusals by reason',
          unit: 'reqps',
          description:
            'AuthenticationFailed and Suspended are wrong passwords; tandem auth-failures says whose.',
          queries: [
            query(
              perSecond('tandem_auth_authentications_total{outcome="deny"}', ['reason']),
              '{{reason}}',
            ),
          ],
        },
        {
          title: 'Share of challenges',
          unit: 'percentunit',
          description:
            'Challenges of all decisions, over a quarter of an hour. Half is usual where phones prove passwords; more means that many do not come back.',
          queries: [
            query(
              `${perSecond('tandem_auth_authentications_total{outcome="challenge"}', [], '15m')} / (${perSecond('tandem_auth_authentications_total', [], '15m')} > 0)`,
              'challenged',
            ),
          ],
        },
      ],
    },
    {
      title: 'Guesses and scanners',
      panels: [
        {
          title: 'Sources black-listed',
          unit: 'reqps',
          description: 'For their failures; tandem blacklist lists them.',
          queries: [query(perSecond('tandem_auth_black_listed_total'), 'black-listed')],
        },
        {
          title: 'Dropped unread',
          unit: 'reqps',
          description:
            'Messages of black-listed sources and of scanners, and all others, by cause.',
          queries: [query(perSecond('tandem_edge_dropped_total', ['cause']), '{{cause}}')],
        },
        {
          title: 'Challenges that led nowhere',
          unit: 'reqps',
          description:
            'Counted a while after the challenge: never answered, sent again without an answer, a loop. tandem explain says which INVITEs they were.',
          queries: [
            query(
              perSecond('tandem_auth_challenges_unanswered_total', ['reason', 'cause']),
              '{{reason}} {{cause}}',
            ),
          ],
        },
        {
          title: 'Suspensions lifted',
          unit: 'reqps',
          description: 'By an operator, before their time.',
          queries: [query(perSecond('tandem_auth_suspensions_lifted_total'), 'lifted')],
        },
      ],
    },
    {
      title: 'Signed numbers',
      panels: [
        {
          title: 'Signatures looked at',
          unit: 'cps',
          description: 'Calls that came signed, by verdict and attestation (docs/identity.md).',
          queries: [
            query(
              perSecond('tandem_auth_signatures_total', ['verdict', 'attestation']),
              '{{verdict}} {{attestation}}',
            ),
          ],
        },
        {
          title: 'Calls to be signed',
          unit: 'cps',
          description: 'By outcome and attestation; an unsigned one went out all the same.',
          queries: [
            query(
              perSecond('tandem_edge_signatures_total', ['outcome', 'attestation']),
              '{{outcome}} {{attestation}}',
            ),
          ],
        },
      ],
    },
  ],
};
