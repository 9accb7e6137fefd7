import type { Command } from 'commander';
import type { Json } from '../api-client.ts';
import { column, listAt, objectAt, textAt, timeColumn, type Output } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';

const STATUS_COLUMNS = [
  column('EDGE', 'edge'),
  column('ADVERTISED', 'advertised'),
  column('CALLS', 'calls', 'right'),
  column('PENDING', 'pendingCalls', 'right'),
  column('OUTBOX', 'outbox', 'right'),
  timeColumn('OLDEST (UTC)', 'outboxSince'),
  column('RECEIVED', 'received', 'right'),
  column('SENT', 'sent', 'right'),
  column('DROPPED', 'dropped', 'right'),
  column('MALFORMED', 'malformed', 'right'),
  column('GARBAGE', 'garbage', 'right'),
  column('CONNECTIONS', 'connections', 'right'),
] as const;

const DEED_COLUMNS = [
  column('ADOPTIONS', 'adoptions', 'right'),
  column('LOST CALLS', 'lostCalls', 'right'),
  column('HANDED MESSAGES', 'handedMessages', 'right'),
  column('HANDED CALLS', 'handedCalls', 'right'),
  column('DRAINS', 'drains', 'right'),
  column('LOST SLOTS', 'lostSlots', 'right'),
  column('LEASES FREED', 'leasesFreed', 'right'),
  column('UNSTORED EVENTS', 'unstoredEvents', 'right'),
] as const;

const POD_COLUMNS = [
  column('POD', 'name'),
  column('ROLE', 'role'),
  { title: 'STATE', text: stateOf },
  timeColumn('SINCE (UTC)', 'startedAt'),
  {
    title: 'SLOT.EPOCH',
    text: (row: Json) => `${textAt(row, 'slot')}.${textAt(row, 'epoch')}`,
  },
  column('ADVERTISED', 'advertised'),
  column('LINK', 'address'),
  column('PENDING', 'pendingCalls', 'right'),
  column('CALLS', 'calls', 'right'),
  column('ANSWERS', 'answers', 'right'),
  column('ADOPTIONS', 'adoptions', 'right'),
  column('HANDED', 'handedMessages', 'right'),
  column('DROPPED', 'dropped', 'right'),
  column('REFUSED', 'refused', 'right'),
  column('CONNECTIONS', 'connections', 'right'),
  column('SOURCE', 'source'),
] as const;

const SOURCE_COLUMNS = [
  column('SOURCE', 'name'),
  column('KNOWN', 'isKnown'),
  column('CALLS/S', 'demand', 'right'),
  column('SHARE/S', 'share', 'right'),
  column('REFUSED', 'refused', 'right'),
] as const;

const FINDING_COLUMNS = [
  column('TRANSPORT', 'transport'),
  column('ADVERTISED', 'target'),
  column('SOURCE', 'source'),
  column('LEADS HERE', 'leadsHere'),
  column('SENT FROM', 'sentFrom'),
  column('SEEN FROM', 'seenFrom'),
  column('ANSWERED BY', 'answeredBy'),
  column('FOUND', 'text'),
] as const;

const NO_FINDING = 'Nothing was tested: this edge has no address of its own.';

/** status, pods, network. */
export function addEdgeCommands(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('show how an edge is: calls, outbox, what it dropped, took over, its network')
    .action(async () => {
      const answer = await context.api().json({ path: '/status' });
      const output = context.output();
      output.rows([answer], STATUS_COLUMNS, '');
      if (output.isJson) return;
      output.line();
      output.rows([answer], DEED_COLUMNS, '');
      writeFindings(listAt(answer, 'network'), output);
      writeOverload(answer, output);
    });

  program
    .command('pods')
    .description('list pods and fronts of the edge that live, and what they did')
    .action(async () => {
      const answer = await context.api().json({ path: '/pods' });
      context.output().rows(listAt(answer, 'pods'), POD_COLUMNS, 'No pod lives.');
    });

  program
    .command('network')
    .description(
      "test an edge's network now: does it keep clients' addresses, does its own lead to it",
    )
    .action(async () => {
      const answer = await context.api().json({ method: 'POST', path: '/network-tests' });
      const output = context.output();
      if (output.isJson) output.object(answer);
      else output.rows(listAt(answer, 'findings'), FINDING_COLUMNS, NO_FINDING);
    });
}

function writeFindings(findings: readonly Json[], output: Output): void {
  if (findings.length > 0) output.line();
  for (const finding of findings) {
    const where = `${textAt(finding, 'transport')} ${textAt(finding, 'target')}`;
    output.line(`Network, ${where}: ${textAt(finding, 'text')}.`);
  }
}

function stateOf(row: Json): string {
  if (row['isDraining'] === true) return 'draining';
  return row['isShedding'] === true ? 'overloaded' : 'up';
}

/** Only where something was refused, or is. */
function writeOverload(status: Json, output: Output): void {
  const row = objectAt(status, 'overload');
  const refused = Number(row['refusedByLoad']) + Number(row['refusedByShare']);
  const areStrangersLimited = row['strangersRate'] !== null;
  if (row['isShedding'] !== true && !areStrangersLimited && !(refused > 0)) return;
  const measured = `${textAt(row, 'cause')} ${textAt(row, 'measuredMs')} ms, limit ${textAt(row, 'limitMs')} ms`;
  const state =
    row['isShedding'] === true
      ? `${textAt(row, 'rate')} new calls a second are begun (${measured})`
      : areStrangersLimited
        ? 'whoever is known has all calls begun'
        : `over since ${textAt(row, 'since')}`;
  const strangers = areStrangersLimited
    ? `; ${textAt(row, 'strangersRate')} a second of strangers`
    : '';
  output.line();
  output.line(
    `Overload: ${state}${strangers}; refused ${textAt(row, 'refusedByLoad')} by load, ${textAt(row, 'refusedByShare')} by share.`,
  );
  output.rows(listAt(row, 'sources'), SOURCE_COLUMNS, 'No source sends calls.');
}
