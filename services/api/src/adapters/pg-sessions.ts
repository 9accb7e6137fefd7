import type { Pool } from '@tandem/service';
import type { OperatorStore } from '../operator-ports.ts';
import { guarded } from './guarded.ts';
import { inTransaction } from './in-transaction.ts';
import {
  OPERATOR,
  operatorOf,
  SESSION,
  sessionOf,
  TOKEN,
  tokenOf,
  type OperatorRow,
  type SessionRow,
  type TokenRow,
} from './operator-rows.ts';

type Sessions = Pick<
  OperatorStore,
  | 'begin'
  | 'session'
  | 'touch'
  | 'sessions'
  | 'endSession'
  | 'endSessionsOf'
  | 'createToken'
  | 'token'
  | 'useToken'
  | 'tokens'
  | 'revokeToken'
  | 'createLink'
  | 'takeLink'
  | 'sweep'
>;

const OF_OPERATOR = OPERATOR.split(', ')
  .map((name) => `operator.${name}`)
  .join(', ');

/** Sessions, tokens and links in schema `tandem_api`. */
export function pgSessions(pool: Pool): Sessions {
  const run = (text: string, values: readonly unknown[]): Promise<void> =>
    guarded(async () => {
      await pool.query(text, [...values]);
    });
  return {
    begin: ({ csrfHash, hash, ...session }) =>
      guarded(() =>
        inTransaction(pool, async (client) => {
          await client.query(
            `INSERT INTO tandem_api.session
               (id, hash, csrf_hash, operator, method, address, user_agent, since, last_seen, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
            [
              session.id,
              hash,
              csrfHash,
              session.operator,
              session.method,
              session.address,
              session.userAgent,
              session.since,
              session.lastSeen,
              session.expiresAt,
            ],
          );
          await client.query('UPDATE tandem_api.operator SET last_sign_in = $2 WHERE name = $1', [
            session.operator,
            session.since,
          ]);
        }),
      ),
    session: (hash, now, idleMs) =>
      guarded(async () => {
        const { rows } = await pool.query<SessionRow & OperatorRow & { csrf_hash: Buffer }>(
          `SELECT ${SESSION}, session.csrf_hash, ${OF_OPERATOR}
             FROM tandem_api.session JOIN tandem_api.operator ON operator.name = session.operator
            WHERE hash = $1 AND expires_at > $2 AND last_seen > $3 AND NOT is_disabled`,
          [hash, now, new Date(now.getTime() - idleMs)],
        );
        const [row] = rows;
        if (row === undefined) return undefined;
        return { session: sessionOf(row), csrfHash: row.csrf_hash, operator: operatorOf(row) };
      }),
    touch: (id, now) =>
      run('UPDATE tandem_api.session SET last_seen = $2 WHERE id = $1', [id, now]),
    sessions: (now, idleMs) =>
      guarded(async () => {
        const { rows } = await pool.query<SessionRow>(
          `SELECT ${SESSION} FROM tandem_api.session WHERE expires_at > $1 AND last_seen > $2
            ORDER BY since DESC, id`,
          [now, new Date(now.getTime() - idleMs)],
        );
        return rows.map(sessionOf);
      }),
    endSession: (id) => run('DELETE FROM tandem_api.session WHERE id = $1', [id]),
    endSessionsOf: (operator, butFor = '') =>
      run('DELETE FROM tandem_api.session WHERE operator = $1 AND id <> $2', [operator, butFor]),

    createToken: (token, hash) =>
      run(
        `INSERT INTO tandem_api.token (id, hash, operator, name, role, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [token.id, hash, token.operator, token.name, token.role, token.createdAt, token.expiresAt],
      ),
    token: (hash, now) =>
      guarded(async () => {
        const { rows } = await pool.query<TokenRow & OperatorRow>(
          `SELECT ${TOKEN}, ${OF_OPERATOR}
             FROM tandem_api.token JOIN tandem_api.operator ON operator.name = token.operator
            WHERE hash = $1 AND expires_at > $2 AND NOT is_disabled`,
          [hash, now],
        );
        const [row] = rows;
        return row === undefined ? undefined : { token: tokenOf(row), operator: operatorOf(row) };
      }),
    useToken: (id, now) =>
      run('UPDATE tandem_api.token SET last_used = $2 WHERE id = $1', [id, now]),
    tokens: () =>
      guarded(async () => {
        const { rows } = await pool.query<TokenRow>(
          `SELECT ${TOKEN} FROM tandem_api.token ORDER BY operator, created_at, id`,
        );
        return rows.map(tokenOf);
      }),
    revokeToken: (id) => run('DELETE FROM tandem_api.token WHERE id = $1', [id]),

    createLink: ({ expiresAt, hash, operator }) =>
      run('INSERT INTO tandem_api.sign_in_link (hash, operator, expires_at) VALUES ($1, $2, $3)', [
        hash,
        operator,
        expiresAt,
      ]),
    takeLink: (hash, now) =>
      guarded(async () => {
        const { rows } = await pool.query<OperatorRow & { readonly expires_at: Date }>(
          `WITH taken AS (DELETE FROM tandem_api.sign_in_link WHERE hash = $1 RETURNING operator, expires_at)
           SELECT ${OF_OPERATOR}, taken.expires_at
             FROM taken JOIN tandem_api.operator ON operator.name = taken.operator
            WHERE taken.expires_at > $2 AND NOT is_disabled`,
          [hash, now],
        );
        const [row] = rows;
        return row === undefined ? undefined : operatorOf(row);
      }),

    sweep: async (now, idleMs) => {
      await run('DELETE FROM tandem_api.session WHERE expires_at <= $1 OR last_seen <= $2', [
        now,
        new Date(now.getTime() - idleMs),
      ]);
      await run('DELETE FROM tandem_api.sign_in_link WHERE expires_at <= $1', [now]);
    },
  };
}
