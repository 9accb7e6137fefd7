import type { Pool, PoolClient } from '@tandem/service';
import type { Alarm, AlarmRound, KeptAlarms, NotificationKind } from '../alarm-ports.ts';
import type { AlarmState } from '../core/alarms/alarm-state.ts';
import type { Counts, KeptSeries, Sample } from '../core/alarms/samples.ts';
import { ALARM, alarmOf, NEW_ALARM, newAlarmValues, type AlarmRow } from './alarm-rows.ts';

interface StateRow {
  readonly rule: string;
  readonly subject: string;
  readonly phase: AlarmState['phase'];
  readonly since: Date;
  readonly back_since: Date | null;
}

type CountsOf = Readonly<Record<string, Counts>>;

/** What was left by who evaluated before. */
export async function loadKept(pool: Pool): Promise<KeptAlarms> {
  const states = await pool.query<StateRow>(
    'SELECT rule, subject, phase, since, back_since FROM tandem_api.alarm_state ORDER BY rule, subject',
  );
  const series = await pool.query<{ series: string; raw: CountsOf }>(
    'SELECT series, raw FROM tandem_api.alarm_series',
  );
  const samples = await pool.query<{ series: string; at: Date; counts: CountsOf }>(
    'SELECT series, at, counts FROM tandem_api.alarm_sample ORDER BY series, at',
  );
  const samplesOf = Map.groupBy(samples.rows, (row) => row.series);
  return {
    states: new Map(
      [...Map.groupBy(states.rows, ({ rule }) => rule)].map(([rule, rows]) => [
        rule,
        rows.map(stateOf),
      ]),
    ),
    series: new Map(
      series.rows.map((row): [string, KeptSeries] => [
        row.series,
        { raw: row.raw, samples: (samplesOf.get(row.series) ?? []).map(sampleOf) },
      ]),
    ),
  };
}

function stateOf({ back_since: back, phase, since, subject }: StateRow): AlarmState {
  return { subject, phase, sinceMs: since.getTime(), backSinceMs: back?.getTime() };
}

function sampleOf({ at, counts }: { readonly at: Date; readonly counts: CountsOf }): Sample {
  return { atMs: at.getTime(), counts };
}

type Told = (kind: NotificationKind, alarms: readonly Alarm[]) => Promise<void>;

/** Stores a round, in the transaction of the client. @param told is asked for each rule of which something has changed */
export async function storeRound(client: PoolClient, round: AlarmRound, told: Told): Promise<void> {
  const raised = await raise(client, round);
  const cleared = await clear(client, round);
  for (const [kind, alarms] of [['raised', raised], ['cleared', cleared]] as const) {
    for (const some of Map.groupBy(alarms, ({ rule }) => rule).values()) await told(kind, some);
  } // prettier-ignore
  for (const { rule, subject, value, valueText } of round.values) {
    await client.query(
      `UPDATE tandem_api.alarm SET value = $3, value_text = $4 WHERE rule = $1 AND subject = $2 AND cleared_at IS NULL`,
      [rule, subject, value, valueText],
    );
  }
  for (const [rule, states] of round.states) await storeStates(client, rule, states);
  await storeSamples(client, round);
  for (const [rule, unknown] of round.unknown) {
    await client.query(
      `INSERT INTO tandem_api.alarm_round (rule, at, unknown) VALUES ($1, $2, $3)
       ON CONFLICT (rule) DO UPDATE SET at = $2, unknown = $3`,
      [rule, round.at, unknown],
    );
  }
  await client.query('DELETE FROM tandem_api.alarm_round WHERE rule <> ALL ($1)', [
    [...round.unknown.keys()],
  ]);
}

/** One that is raised already stays as it is, and is not told again. */
async function raise(client: PoolClient, { raised }: AlarmRound): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  for (const alarm of raised) {
    const { rows } = await client.query<AlarmRow>(
      `INSERT INTO tandem_api.alarm (${NEW_ALARM}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       ON CONFLICT (rule, subject) WHERE cleared_at IS NULL DO NOTHING RETURNING ${ALARM}`,
      newAlarmValues(alarm),
    );
    alarms.push(...rows.map(alarmOf));
  }
  return alarms;
}

async function clear(client: PoolClient, { at, cleared }: AlarmRound): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  for (const { rule, subject, value, valueText, why } of cleared) {
    const { rows } = await client.query<AlarmRow>(
      `UPDATE tandem_api.alarm SET cleared_at = $3, cleared_why = $4, value = coalesce($5, value),
              value_text = CASE WHEN $5::float8 IS NULL THEN value_text ELSE $6 END
        WHERE rule = $1 AND subject = $2 AND cleared_at IS NULL RETURNING ${ALARM}`,
      [rule, subject, at, why, value ?? null, valueText],
    );
    alarms.push(...rows.map(alarmOf));
  }
  return alarms;
}

async function storeStates(
  client: PoolClient,
  rule: string,
  states: readonly AlarmState[],
): Promise<void> {
  await client.query('DELETE FROM tandem_api.alarm_state WHERE rule = $1', [rule]);
  if (states.length === 0) return;
  await client.query(
    `INSERT INTO tandem_api.alarm_state (rule, subject, phase, since, back_since)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])`,
    [
      rule,
      states.map(({ subject }) => subject),
      states.map(({ phase }) => phase),
      states.map(({ sinceMs }) => new Date(sinceMs)),
      states.map(({ backSinceMs }) => (backSinceMs === undefined ? null : new Date(backSinceMs))),
    ],
  );
}

async function storeSamples(
  client: PoolClient,
  { at, keptMs, samples }: AlarmRound,
): Promise<void> {
  for (const [series, { raw, sample }] of samples) {
    await client.query(
      `INSERT INTO tandem_api.alarm_series (series, raw) VALUES ($1, $2)
       ON CONFLICT (series) DO UPDATE SET raw = $2`,
      [series, JSON.stringify(raw)],
    );
    await client.query(
      `INSERT INTO tandem_api.alarm_sample (series, at, counts) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [series, new Date(sample.atMs), JSON.stringify(sample.counts)],
    );
  }
  await client.query('DELETE FROM tandem_api.alarm_sample WHERE at < $1', [
    new Date(at.getTime() - keptMs),
  ]);
}
