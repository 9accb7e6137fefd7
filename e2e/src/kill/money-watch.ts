import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import type { CdrView } from '../switch-api.ts';

/** What an account had at a moment, by its ledger. */
interface Moment {
  readonly atMs: number;
  readonly balance: number;
}

/** Looks at the ledger of an account each second. Its amounts are whole numbers in these trials, hence exact. */
export class MoneyWatch {
  readonly #pool: Pool;
  readonly #account: string;
  readonly #moments: Moment[] = [];
  #isOver = false;
  readonly #looking: Promise<void>;

  constructor(postgresUrl: string, account: string) {
    this.#pool = new Pool({ connectionString: postgresUrl, max: 1 });
    this.#pool.on('error', () => undefined);
    this.#account = account;
    this.#looking = this.#look();
  }

  get moments(): readonly Moment[] {
    return this.#moments;
  }

  /** What calls were charged in all, how many of them, and the balance. */
  async ledger(): Promise<{
    readonly charged: number;
    readonly calls: number;
    readonly balance: number;
  }> {
    const { rows } = await this.#pool.query<Record<'charged' | 'calls' | 'balance', string>>(
      `SELECT coalesce(-sum(amount), 0) AS charged, count(*) AS calls,
         (SELECT balance FROM tandem_billing.account_balance WHERE account = $1) AS balance
       FROM tandem_billing.ledger WHERE account = $1 AND kind = 'call'`,
      [this.#account],
    );
    const [row] = rows;
    return {
      charged: Number(row?.charged),
      calls: Number(row?.calls),
      balance: Number(row?.balance),
    };
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
    await this.#pool.end();
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const { rows } = await this.#pool.query<{ readonly balance: string }>(
        'SELECT balance FROM tandem_billing.account_balance WHERE account = $1',
        [this.#account],
      );
      const [row] = rows;
      if (row !== undefined) this.#moments.push({ atMs: Date.now(), balance: Number(row.balance) });
      await sleep(1000);
    }
  }
}

/** A call that was answered, in ms since 1970; its price is one for each second that it lasted. */
export interface TalkedCall {
  readonly callId: string;
  readonly answeredMs: number;
  readonly untilMs: number;
  readonly price: number;
  readonly reason: string;
}

export function talkedCalls(cdrs: readonly CdrView[]): readonly TalkedCall[] {
  return cdrs
    .filter(({ answeredAt }) => answeredAt !== null)
    .map(({ answeredAt, callId, durationMs, price, reason }) => {
      const answeredMs = Date.parse(answeredAt ?? '');
      return { callId, answeredMs, untilMs: answeredMs + durationMs, price: Number(price), reason };
    });
}

/** What had been spent at a moment: seconds that had begun, of calls that were up the ones until then. */
export function spentAt(calls: readonly TalkedCall[], atMs: number): number {
  return calls.reduce((sum, { answeredMs, price, untilMs }) => {
    if (answeredMs >= atMs) return sum;
    return sum + (untilMs <= atMs ? price : Math.ceil((atMs - answeredMs) / 1000));
  }, 0);
}

/** For how many seconds what was left at the moment at which a call was cut would have lasted, shared by all that were up. */
export function secondsLeft(calls: readonly TalkedCall[], cut: TalkedCall, money: number): number {
  const up = calls.filter(
    ({ answeredMs, untilMs }) => answeredMs < cut.untilMs && untilMs >= cut.untilMs,
  );
  return (money - spentAt(calls, cut.untilMs)) / Math.max(1, up.length);
}
