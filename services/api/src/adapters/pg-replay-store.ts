import { randomUUID } from 'node:crypto';
import { configurationShape, foldInThread, wholeVersion, type Configuration } from '@tandem/config';
import type { Pool, PoolClient } from '@tandem/service';
import type { Change } from '../core/changes.ts';
import type { PastCall } from '../core/replay/past-call.ts';
import type { RunState } from '../core/replay/replay-run.ts';
import type {
  HeldRates,
  NewReplay,
  Replay,
  ReplayState,
  ReplayStore,
  Saved,
} from '../replay-ports.ts';
import { guarded } from './guarded.ts';
import { inTransaction } from './in-transaction.ts';

const REPLAY = `id, created_at, created_by, note, version, draft_version, held_rates, changes, keeps_limits, from_at, until_at, state, error,
  total, started_at, finished_at, calls, played_until`;

/** How many replays are worked on is looked at and changed by one at a time. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('tandem replays'))`;

interface ReplayRow {
  readonly id: string;
  readonly created_at: Date;
  readonly created_by: string;
  readonly note: string;
  readonly version: string;
  readonly draft_version: string | null;
  readonly held_rates: string;
  readonly changes: string;
  readonly keeps_limits: boolean;
  readonly from_at: Date | null;
  readonly until_at: Date | null;
  readonly state: ReplayState;
  readonly error: string;
  readonly total: string | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly calls: string;
  readonly played_until: Date | null;
}

type WithRun = ReplayRow & { readonly run: string | null };

/** Replays in schema `tandem_api`. @param url of the same database, for threads */
export function openReplayStore(pool: Pool, url: string | undefined): ReplayStore {
  return {
    makeWhole: (version) =>
      guarded(async () => {
        const whole = await wholeVersion(pool, version, 0);
        // Changes alone are stored only where there is a URL.
        if (whole?.version !== version && url !== undefined) await foldInThread({ url, version });
      }),
    putDraft: (id, configuration) => guarded(() => putDraft(pool, id, configuration)),
    create: (replay, most) => guarded(() => inTransaction(pool, (client) => create(client, replay, most))), // prettier-ignore
    list: (limit) =>
      guarded(async () => {
        const { rows } = await pool.query<ReplayRow>(
          `SELECT ${REPLAY} FROM tandem_api.replay ORDER BY created_at DESC, id LIMIT $1`,
          [limit],
        );
        return rows.map(replayOf);
      }),
    get: (id) =>
      guarded(async () => {
        const { rows } = await pool.query<WithRun>(
          `SELECT ${REPLAY}, run FROM tandem_api.replay WHERE id = $1`,
          [id],
        );
        const [row] = rows;
        return row && { replay: replayOf(row), run: runOf(row) };
      }),
    remove: (id) =>
      guarded(() =>
        inTransaction(pool, async (client) => {
          await client.query('DELETE FROM tandem_api.draft WHERE id = $1', [id]);
          const { rowCount } = await client.query('DELETE FROM tandem_api.replay WHERE id = $1', [id]); // prettier-ignore
          return rowCount === 1;
        }),
      ),
    putCalls: (id, parts) => guarded(() => inTransaction(pool, (client) => putCalls(client, id, parts))), // prettier-ignore
    callsAt: (id, part) =>
      guarded(async () => {
        const { rows } = await pool.query<{ calls: string }>(
          'SELECT calls FROM tandem_api.replay_call WHERE replay = $1 AND part = $2',
          [id, part],
        );
        return rows[0] && (JSON.parse(rows[0].calls) as PastCall[]);
      }),
    claim: ({ most, silentMs }) =>
      guarded(() =>
        inTransaction(pool, async (client) => {
          await client.query(LOCK);
          const owner = randomUUID();
          const { rows } = await client.query<WithRun & { readonly begun: number }>(
            `UPDATE tandem_api.replay SET owner = $1, seen_at = now(), state = 'running', begun = begun + 1,
                    started_at = coalesce(started_at, now())
              WHERE id = (SELECT id FROM tandem_api.replay
                           WHERE state = 'waiting' OR state = 'running' AND ${isSilent('$3')}
                           ORDER BY created_at, id LIMIT 1)
                AND $2 > (SELECT count(*) FROM tandem_api.replay WHERE state = 'running' AND NOT ${isSilent('$3')})
              RETURNING ${REPLAY}, run, begun`,
            [owner, most, silentMs],
          );
          const [row] = rows;
          return (
            row && { id: row.id, replay: replayOf(row), owner, begun: row.begun, run: runOf(row) }
          );
        }),
      ),
    save: ({ id, owner }, kept) => guarded(() => save(pool, { id, owner }, kept)),
    release: ({ id, owner }) =>
      guarded(async () => {
        await pool.query(
          `UPDATE tandem_api.replay SET owner = NULL, begun = begun - 1 WHERE id = $1 AND owner = $2 AND state = 'running'`,
          [id, owner],
        );
      }),
    sweep: (endedBefore) =>
      guarded(async () => {
        await pool.query('DELETE FROM tandem_api.replay WHERE finished_at < $1', [endedBefore]);
        // A draft is stored before its replay is; one whose replay has not come within a day never will be.
        await pool.query(
          `DELETE FROM tandem_api.draft WHERE created_at < now() - interval '1 day'
              AND NOT EXISTS (SELECT FROM tandem_api.replay WHERE replay.id = draft.id AND finished_at IS NULL)`,
        );
        await pool.query(
          `DELETE FROM tandem_api.replay WHERE state = 'awaiting-calls' AND created_at < now() - interval '1 day'`,
        );
      }),
  };
}

/** Stores a draft, passwords sealed. */
export async function putDraft(
  client: Pick<Pool, 'query'>,
  id: string,
  configuration: Configuration,
): Promise<void> {
  await client.query('INSERT INTO tandem_api.draft (id, document, shape) VALUES ($1, $2, $3)', [
    id,
    JSON.stringify(configuration),
    configurationShape(),
  ]);
}

/** A moment of PostgreSQL's clock alone is compared: pods have others. */
function isSilent(ms: string): string {
  return `(owner IS NULL OR seen_at < now() - ${ms} * interval '1 millisecond')`;
}

async function create(
  client: PoolClient,
  replay: NewReplay,
  most: number,
): Promise<Replay | undefined> {
  await client.query(LOCK);
  const { changes, createdBy, draftVersion, heldRates, id, keepsLimits, note, period, version } =
    replay;
  const { rows } = await client.query<ReplayRow>(
    `INSERT INTO tandem_api.replay (id, created_at, created_by, note, version, draft_version, changes, keeps_limits, from_at, until_at, state, held_rates)
     SELECT $1, now(), $2, $3, $4, $5, $6, $7, $8, $9, $10, $12
      WHERE $11 > (SELECT count(*) FROM tandem_api.replay WHERE finished_at IS NULL)
     RETURNING ${REPLAY}`,
    [
      id,
      createdBy,
      note,
      version,
      draftVersion,
      JSON.stringify(changes),
      keepsLimits,
      period && new Date(period.fromMs),
      period && new Date(period.untilMs),
      period === undefined ? 'awaiting-calls' : 'waiting',
      most,
      JSON.stringify(heldRates),
    ],
  );
  return rows[0] && replayOf(rows[0]);
}

async function putCalls(
  client: PoolClient,
  id: string,
  parts: readonly (readonly PastCall[])[],
): Promise<Replay | undefined> {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const { rows } = await client.query<ReplayRow>(
    `UPDATE tandem_api.replay SET state = 'waiting', total = $2 WHERE id = $1 AND state = 'awaiting-calls' RETURNING ${REPLAY}`,
    [id, total],
  );
  if (rows[0] === undefined) return undefined;
  for (const [part, calls] of parts.entries()) {
    await client.query('INSERT INTO tandem_api.replay_call (replay, part, calls) VALUES ($1, $2, $3)', [id, part, JSON.stringify(calls)]); // prettier-ignore
  }
  return replayOf(rows[0]);
}

async function save(
  pool: Pool,
  { id, owner }: { readonly id: string; readonly owner: string },
  { calls, error, run, state }: Saved,
): Promise<boolean> {
  const isOver = state === 'done' || state === 'failed';
  const atMs = run?.atMs ?? 0;
  const { rowCount } = await pool.query(
    `UPDATE tandem_api.replay
        SET seen_at = now(), run = coalesce($3, run), calls = coalesce($4, calls), state = coalesce($5, state),
            error = coalesce($6, error), played_until = coalesce($7, played_until),
            finished_at = CASE WHEN $8 THEN now() END, owner = CASE WHEN NOT $8 THEN owner END
      WHERE id = $1 AND owner = $2 AND state = 'running'`,
    [
      id,
      owner,
      run === undefined ? null : JSON.stringify(run),
      calls ?? null,
      state ?? null,
      error ?? null,
      atMs === 0 ? null : new Date(atMs),
      isOver,
    ],
  );
  if (rowCount !== 1) return false;
  if (isOver) {
    // Nobody looks at them any more.
    await pool.query('DELETE FROM tandem_api.draft WHERE id = $1', [id]);
    await pool.query('DELETE FROM tandem_api.replay_call WHERE replay = $1', [id]);
  }
  return true;
}

function runOf({ run }: WithRun): RunState | undefined {
  return run === null ? undefined : (JSON.parse(run) as RunState);
}

function replayOf(row: ReplayRow): Replay {
  const { from_at: from, until_at: until } = row;
  return {
    id: row.id,
    createdAt: row.created_at,
    createdBy: row.created_by,
    note: row.note,
    version: Number(row.version),
    draftVersion: row.draft_version === null ? undefined : Number(row.draft_version),
    heldRates: JSON.parse(row.held_rates) as HeldRates[],
    changes: JSON.parse(row.changes) as Change[],
    keepsLimits: row.keeps_limits,
    period:
      from === null || until === null
        ? undefined
        : { fromMs: from.getTime(), untilMs: until.getTime() },
    state: row.state,
    error: row.error,
    total: row.total === null ? undefined : Number(row.total),
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    calls: Number(row.calls),
    playedUntil: row.played_until ?? undefined,
  };
}
