import { perSecond, quantile, query } from '../description.ts';
import type { Dashboard } from '../description.ts';

const CHOSEN = '{gateway=~"$gateway"}';
const ATTEMPTS = 'tandem_billing_gateway_attempts_total';
const attempts = perSecond(`${ATTEMPTS}${CHOSEN}`, ['gateway'], '15m');
const attemptsThat = (outcomes: string): string =>
  perSecond(`${ATTEMPTS}{gateway=~"$gateway", outcome=~"${outcomes}"}`, ['gateway'], '15m');
const POST_DIAL = 'tandem_billing_gateway_post_dial_delay_seconds';

/** Routing gateways: what carriers make of the calls that they are given. */
export const gatewaysDashboard: Dashboard = {
  name: 'gateways',
  title: 'Tandem: gateways',
  description:
    'Routing gateways: quality and quantity of what they are given, their lines, whether they take calls. Quality is that of calls that are over.',
  variables: [{ name: 'gateway', metric: 'tandem_routing_gateway_usable', label: 'gateway' }],
  rows: [
    {
      title: 'Quality',
      panels: [
        {
          title: 'ASR: answer-seizure ratio',
          unit: 'percentunit',
          description:
            'Answered attempts of all, over a quarter of an hour. Attempts that failed over to another gateway count for the one that failed.',
          queries: [query(`${attemptsThat('answered')} / (${attempts} > 0)`, '{{gateway}}')],
        },
        {
          title: 'NER: network effectiveness ratio',
          unit: 'percentunit',
          description:
            'Attempts that came as far as the called side (ITU-T E.425): answered, declined, or given up by the caller. What is missing is the carrier’s fault.',
          queries: [
            query(
              `${attemptsThat('answered|cancelled|declined')} / (${attempts} > 0)`,
              '{{gateway}}',
            ),
          ],
        },
        {
          title: 'ACD: average call duration',
          unit: 's',
          description: 'Talked time of an answered call, over a quarter of an hour.',
          queries: [
            query(
              `${perSecond(`tandem_billing_gateway_talk_time_seconds_total${CHOSEN}`, ['gateway'], '15m')} / (${attemptsThat('answered')} > 0)`,
              '{{gateway}}',
            ),
          ],
        },
        {
          title: 'PDD: post-dial delay, half of the calls',
          unit: 's',
          description: 'From the INVITE to the first ringing or answer: the median.',
          queries: [query(quantile(0.5, POST_DIAL, ['gateway'], '15m'), '{{gateway}}')],
        },
        {
          title: 'PDD: post-dial delay, 95 % of the calls',
          unit: 's',
          description:
            'From the INVITE to the first ringing or answer: one in twenty has it longer.',
          queries: [query(quantile(0.95, POST_DIAL, ['gateway'], '15m'), '{{gateway}}')],
        },
        {
          title: 'Attempts by outcome',
          unit: 'cps',
          description:
            'Attempts of calls that are over. declined: the called side or its number; failed: the carrier.',
          queries: [
            query(
              perSecond(`${ATTEMPTS}${CHOSEN}`, ['gateway', 'outcome']),
              '{{gateway}} {{outcome}}',
            ),
          ],
        },
      ],
    },
    {
      title: 'Quantity',
      panels: [
        {
          title: 'Attempts a second',
          unit: 'cps',
          description: 'What each gateway is given now. Calls to phones here are one line, phones.',
          queries: [query(perSecond('tandem_routing_choices_total', ['gateway']), '{{gateway}}')],
        },
        {
          title: 'Passed over a second',
          unit: 'cps',
          description:
            'Gateways that were passed over for a call, by the rule that did it; tandem route says which gateway and why.',
          queries: [query(perSecond('tandem_routing_left_out_total', ['rule']), '{{rule}}')],
        },
        {
          title: 'Lines in use',
          unit: 'short',
          description:
            'Lines of gateways and their groups; tandem lines says who holds them. Every pod of routing reports the same.',
          queries: [
            query(
              'max by (subject) (tandem_routing_lines{subject=~"(routing-gateway|group) .*"})',
              '{{subject}}',
            ),
          ],
        },
        {
          title: 'Share of lines in use',
          unit: 'percentunit',
          description: 'Of what is limited: at 100 % calls go to the next gateway, or are refused.',
          queries: [
            query(
              'max by (subject) (tandem_routing_lines) / max by (subject) (tandem_routing_lines_limit)',
              '{{subject}}',
            ),
          ],
        },
      ],
    },
    {
      title: 'Health',
      panels: [
        {
          title: 'Usable',
          unit: 'bool',
          description:
            '0 while a gateway is left alone since it asked for it by 503 with Retry-After (tandem rests), or is off line by its OPTIONS check.',
          queries: [
            query(`min by (gateway) (tandem_routing_gateway_usable${CHOSEN})`, '{{gateway}}'),
          ],
        },
        {
          title: 'Share of its calls',
          unit: 'percentunit',
          description:
            'What each gateway gets of the calls that would go to it: less than 100 % while it is throttled, since it keeps failing (tandem gateways).',
          queries: [
            query(`min by (gateway) (tandem_routing_gateway_share${CHOSEN})`, '{{gateway}}'),
          ],
        },
        {
          title: 'Throttled and let back in',
          unit: 'short',
          description: 'Steps of a minute, of all gateways (tandem journal --kind gateway).',
          queries: [
            query(
              'sum by (step) (increase(tandem_routing_gateway_throttles_total[1m]))',
              '{{step}}',
            ),
          ],
        },
        {
          title: 'On line by OPTIONS check',
          unit: 'bool',
          description:
            '0 while no address of a gateway answers its OPTIONS check (tandem gateways). Gateways without optionsCheck have none.',
          queries: [
            query(`min by (gateway) (tandem_routing_gateway_online${CHOSEN})`, '{{gateway}}'),
          ],
        },
        {
          title: 'Round trip of OPTIONS',
          unit: 's',
          description: 'Of the nearest address of each gateway, at its last check.',
          queries: [
            query(`max by (gateway) (tandem_routing_gateway_rtt_seconds${CHOSEN})`, '{{gateway}}'),
          ],
        },
        {
          title: 'OPTIONS checks that failed',
          unit: 'reqps',
          description:
            'Of addresses, by gateway: unanswered, or answered by a code that counts as none (deadCodes).',
          queries: [
            query(
              perSecond(
                `tandem_routing_gateway_checks_total{gateway=~"$gateway", outcome=~"unanswered|dead-code"}`,
                ['gateway', 'outcome'],
              ),
              '{{gateway}} {{outcome}}',
            ),
          ],
        },
        {
          title: 'Names looked up',
          unit: 'reqps',
          description:
            'Host names of gateways: answered, negative (there is no such name), failed.',
          queries: [query(perSecond('tandem_routing_names_total', ['outcome']), '{{outcome}}')],
        },
        {
          title: 'Pods behind in what was imported',
          unit: 'short',
          description:
            'Versions by which the last pod is behind the first, of each number list and rate sheet: 0 but for the seconds that a new one takes (TandemImportBehind).',
          queries: [
            query(
              'max by (list) (tandem_routing_number_list_version) - min by (list) (tandem_routing_number_list_version)',
              'list {{list}}',
            ),
            query(
              'max by (group) (tandem_routing_rate_sheet_version) - min by (group) (tandem_routing_rate_sheet_version)',
              'rates {{group}}',
            ),
          ],
        },
        {
          title: 'Registrations with carriers',
          unit: 'short',
          description:
            'By state; tandem outbound-registrations says which, and why. Every pod reports the same.',
          queries: [query('max by (state) (tandem_registrar_outbound_registrations)', '{{state}}')],
        },
        {
          title: 'Attempts to register with carriers',
          unit: 'reqps',
          description: 'By gateway and code of the answer; 0: there was none.',
          queries: [
            query(
              perSecond('tandem_registrar_outbound_attempts_total', ['gateway', 'code']),
              '{{gateway}} {{code}}',
            ),
          ],
        },
      ],
    },
  ],
};
