import type { Account, Snapshot } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { invoiceTerms } from './core/invoice-terms.ts';
import { lastPeriod, periodEnd } from './core/invoice-periods.ts';
import type { InvoiceChain, InvoiceRequest, InvoiceStore, Issued } from './invoice-ports.ts';
import type { OnCharged } from './ports.ts';
import { failedInvoices, issuedInvoices } from './telemetry.ts';

export interface InvoicingParts {
  readonly store: InvoiceStore;
  readonly logger: Logger;
  /** Told of balances that invoices and credit notes moved. */
  readonly onCharged: OnCharged;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Pause between two looks at what is due, in ms. @default 60000 */
  readonly everyMs?: number | undefined;
}

/** What a draft needs of the configuration. */
export interface Invoiced {
  readonly account: Account;
  readonly invoicing: NonNullable<Account['invoicing']>;
  readonly timeZone: string;
  readonly terms: InvoiceRequest['terms'];
}

const HOUR_MS = 3_600_000;
/** Who issues what is due. */
const NOBODY = 'schedule';

/**
 * Makes invoices at the end of each account's period (BILL-06): one process plans, any adds up what waits, and what one that died had
 * in hand another one takes. What an operator asks for goes the same way.
 */
export class Invoicing {
  readonly #parts: InvoicingParts;
  readonly #rounds: Rounds;
  /** Ends of periods that were looked at, by account: nothing was charged in them, or somebody has discarded their draft. */
  readonly #looked = new Map<string, number>();
  #snapshot: Snapshot | undefined;

  constructor(parts: InvoicingParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.everyMs ?? 60_000, () => this.look());
  }

  apply(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  now(): number {
    return (this.#parts.now ?? Date.now)();
  }

  /** What is configured of an account. @throws SwitchError SWITCH_CONFIGURATION_INVALID, saying what is missing */
  invoiced(name: string): Invoiced {
    const account = this.#snapshot?.configuration.accounts.find((each) => each.name === name);
    if (account === undefined) throw missing(`account "${name}" is not in the configuration`);
    const { invoicing } = account;
    if (invoicing === undefined)
      throw missing(`account "${name}" has no invoicing: name its issuer there, see docs/invoices.md`); // prettier-ignore
    const issuers = this.#snapshot?.configuration.invoiceIssuers ?? [];
    const issuer = issuers.find((each) => each.name === invoicing.issuer);
    if (issuer === undefined) throw missing(`"${invoicing.issuer}" is not in invoiceIssuers`);
    const timeZone = account.timeZone ?? 'UTC';
    return { account, invoicing, timeZone, terms: invoiceTerms(account, issuer) };
  }

  /** Plans, adds up and issues what is due; a failure is left for the next look. */
  async look(): Promise<void> {
    const { store } = this.#parts;
    await this.#trying('planned', () => store.alone(() => this.#plan()));
    await this.prepare();
    await this.#trying('issued', async () => {
      for (const id of await store.automatic()) await this.issue(id, NOBODY);
    });
  }

  /** Adds up every draft that waits for it. */
  async prepare(): Promise<void> {
    const { logger, store } = this.#parts;
    await this.#trying('added up', async () => {
      for (;;) {
        const prepared = await store.prepareNext();
        if (prepared === undefined) return;
        if (prepared.kind === 'empty') continue;
        const { account, id, total } = prepared.invoice;
        logger.info({ invoice: id, account, total: String(total) }, 'invoice added up');
      }
    });
  }

  async issue(id: number, issuedBy: string): Promise<Issued> {
    const { logger, onCharged, store } = this.#parts;
    const issued = await store.issue(id, issuedBy, this.now());
    if (issued.kind !== 'issued' || !issued.isNew) return issued;
    const { account, kind, number } = issued.invoice;
    issuedInvoices.add(1, { kind });
    logger.info({ invoice: id, number, account, kind, issuedBy }, 'invoice issued');
    await onCharged(issued.balances);
    return issued;
  }

  async #plan(): Promise<void> {
    const chains = new Map((await this.#parts.store.chains()).map((chain) => [chain.account, chain])); // prettier-ignore
    for (const { invoicing, name } of this.#snapshot?.configuration.accounts ?? []) {
      if (invoicing === undefined || invoicing.period === 'none') continue;
      const chain = chains.get(name);
      if (chain?.isOpen === true) continue;
      await this.#trying('drafted', () => this.#draft(name, chain));
    }
  }

  async #draft(name: string, chain: InvoiceChain | undefined): Promise<void> {
    const { invoicing, terms, timeZone } = this.invoiced(name);
    const { period } = invoicing;
    if (period === 'none') return;
    const settledMs = this.now() - invoicing.delayHours * HOUR_MS;
    const first = lastPeriod(timeZone, period, settledMs);
    const looked = this.#looked.get(name);
    const untilMs =
      chain?.untilMs === undefined
        ? first.untilMs
        : periodEnd(timeZone, period, Math.max(chain.untilMs, looked ?? 0));
    if (untilMs > settledMs || (looked !== undefined && untilMs <= looked)) return;
    this.#looked.set(name, untilMs);
    const drafted = await this.#parts.store.draft({
      account: name,
      issuer: invoicing.issuer,
      timeZone,
      fromMs: undefined,
      firstFromMs: first.fromMs,
      untilMs,
      terms,
      createdBy: NOBODY,
      isScheduled: true,
      isAutomatic: invoicing.issue === 'automatic',
    });
    // An account without a ledger is nobody's mistake: its first call opens it.
    if (drafted.kind === 'refused') this.#parts.logger.debug({ account: name, why: drafted.why }, 'no invoice drafted'); // prettier-ignore
  }

  async #trying(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      failedInvoices.add(1);
      this.#parts.logger.error({ err: error, what }, 'invoices failed, trying again');
    }
  }
}

function missing(message: string): SwitchError {
  return new SwitchError('SWITCH_CONFIGURATION_INVALID', message);
}
