import type { Command } from 'commander';
import { segment } from '../api-client.ts';
import type { Json } from '../api-client.ts';
import { column, listAt, objectAt, textAt, timeAt, timeColumn } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';
import { watch } from '../watch.ts';

/** A line for each address; the gateway stands in the first. */
const COLUMNS = [
  column('GATEWAY', 'name'),
  column('STATE', 'state'),
  timeColumn('SINCE (UTC)', 'since'),
  column('ADDRESS', 'address'),
  column('ANSWERS', 'answers'),
  { title: 'LAST ANSWER', text: lastText },
  column('MS', 'ms', 'right'),
  column('CHECKED BY', 'edge'),
  { title: 'GETS', text: shareText, align: 'right' },
  { title: 'ASR', text: ratioText, align: 'right' },
  { title: 'ACD S', text: (row: Json) => qualityAt(row, 'averageCallSeconds'), align: 'right' },
  { title: 'PDD S', text: (row: Json) => qualityAt(row, 'postDialSeconds'), align: 'right' },
  { title: 'ATTEMPTS', text: (row: Json) => qualityAt(row, 'attempts'), align: 'right' },
] as const;

const TEST_COLUMNS = [
  {
    title: 'ADDRESS',
    text: (row: Json) => `${textAt(row, 'transport')} ${textAt(row, 'address')}`,
  },
  {
    title: 'ANSWERED',
    text: (row: Json) => `${textAt(row, 'answered')} of ${textAt(row, 'sent')}`,
  },
  { title: 'LEAST/MEAN/MOST MS', text: roundTripText },
  column('LAST ANSWER', 'lastAnswer'),
  column('FOUND', 'text'),
] as const;

/** gateways, gateways test. */
export function addGatewayCommands(program: Command, context: CommandContext): void {
  const gateways = program
    .command('gateways')
    .description(
      'list routing gateways, whether they answer their OPTIONS check, how they do, and which are throttled',
    )
    .option('--state <state>', 'online, offline, degraded or unchecked alone', '')
    .option('--watch', 'show them anew as they change')
    .action(
      async ({ state, watch: isWatched }: { readonly state: string; readonly watch?: true }) => {
        const output = context.output();
        if (isWatched === true) {
          const nothing = 'There is no routing gateway.';
          await watch({ topic: 'gateways', query: { limit: '1000' }, columns: COLUMNS, linesOf, nothing }, context); // prettier-ignore
          return;
        }
        const found: Json[] = [];
        let after = '';
        do {
          const query = new URLSearchParams({ state, after, limit: '1000' });
          const answer = await context.api().json({ path: `/gateways?${query.toString()}` });
          found.push(...listAt(answer, 'gateways'));
          after = textAt(answer, 'nextAfter');
        } while (after !== '');
        const rows = output.isJson ? found : found.flatMap(linesOf);
        output.rows(rows, COLUMNS, 'No routing gateway is in that state.');
      },
    );

  gateways
    .command('test')
    .description('test the network to a routing gateway now: names, ports, round trips, loss')
    .argument('<gateway>', 'as listed')
    .option('--probes <count>', 'how often each address is asked, 1 to 20', '5')
    .action(async (gateway: string, { probes }: { readonly probes: string }) => {
      const query = new URLSearchParams({ probes });
      const path = `/gateways/${segment(gateway)}/test?${query.toString()}`;
      const answer = await context.api().json({ method: 'POST', path });
      const output = context.output();
      if (output.isJson) {
        output.object(answer);
        return;
      }
      const names = answer['names'];
      for (const name of Array.isArray(names) ? names : []) output.line(String(name));
      const rows = listAt(answer, 'addresses');
      if (rows.length > 0) output.rows(rows, TEST_COLUMNS, '');
      const by = textAt(answer, 'edge') === '' ? '' : `, tested by ${textAt(answer, 'edge')}`;
      output.line(`${gateway}: ${textAt(answer, 'text')}${by}.`);
    });
}

function linesOf(gateway: Json): Json[] {
  const addresses = listAt(gateway, 'addresses');
  if (addresses.length === 0) {
    const lastAnswer = { text: textAt(gateway, 'uncheckedBecause') };
    return [{ ...gateway, address: '', answers: '', lastAnswer }];
  }
  return addresses.map((each, at) => {
    const first = at === 0 ? gateway : { name: '', edge: '' };
    const isOffline = each['isOffline'] === true;
    const last = objectAt(each, 'lastAnswer');
    return {
      ...first,
      state: at === 0 ? textAt(gateway, 'state') : '',
      since: timeAt(each, 'since'),
      address: `${textAt(each, 'transport')} ${textAt(each, 'address')}`,
      answers: isOffline ? 'no' : 'yes',
      lastAnswer: last,
      ms: textAt(last, 'roundTripMs'),
    };
  });
}

function qualityAt(row: Json, key: string): string {
  return textAt(objectAt(row, 'quality'), key);
}

function ratioText(row: Json): string {
  const ratio = qualityAt(row, 'answerSeizureRatio');
  return ratio === '' ? '' : `${(Number(ratio) * 100).toFixed(1)} %`;
}

/** Of its calls, where it is throttled. */
function shareText(row: Json): string {
  const share = textAt(objectAt(row, 'throttled'), 'sharePercent');
  return share === '' ? '' : `${share} %`;
}

function lastText(row: Json): string {
  const last = objectAt(row, 'lastAnswer');
  const code = textAt(last, 'code');
  return code === '' || code === '0' ? textAt(last, 'text') : `${code} ${textAt(last, 'text')}`;
}

function roundTripText(row: Json): string {
  const times = objectAt(row, 'roundTripMs');
  const [least, mean, most] = ['least', 'mean', 'most'].map((key) => textAt(times, key));
  return least === '' ? '' : `${String(least)}/${String(mean)}/${String(most)}`;
}
