import { SwitchError } from '@tandem/domain';
import type { JournalAbout } from '@tandem/domain';
import type { Journal } from '@tandem/events';
import type {
  LocateRequest,
  LocateResponse,
  RegisterRequest,
  RegisterResponse,
} from '@tandem/proto/registrar';
import type { Logger } from '@tandem/service';
import { isHeld } from './core/binding.ts';
import type { Binding } from './core/binding.ts';
import { isOfDevice, sessionOf } from './core/device.ts';
import { endOf, expiredFacts, notesOf } from './core/journal-notes.ts';
import { locate } from './core/locate.ts';
import type { Phones } from './core/policy.ts';
import { register } from './core/register.ts';
import type { RegisterOutcome } from './core/register.ts';
import { shortHash } from './core/short-hash.ts';
import type { BindingStore, Held } from './ports.ts';
import { countEnded, observeRegister } from './telemetry.ts';
import type { GatewayCounts } from './telemetry.ts';

/** What a registrar works with. */
export interface RegistrarParts {
  readonly store: BindingStore;
  /** Those in effect; undefined before the first configuration. */
  readonly phones: () => Phones | undefined;
  /** In [0, 1). */
  readonly random: () => number;
  readonly journal: Journal;
  readonly logger: Logger;
}

/** So often others may be first with the same phone before the request is given up. */
const MOST_TRIES = 20;
/** Phones that are swept at once. */
const SWEPT_AT_ONCE = 200;

/** Drives the changes of bindings: read, decide, write what is still as it was read. */
export class Registrar {
  readonly #parts: RegistrarParts;

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
  }

  /**
   * Does what a REGISTER asks for; what it answers is in the store.
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE, or SWITCH_SERVICE_UNAVAILABLE while there is no configuration
   */
  async register(request: RegisterRequest): Promise<RegisterResponse> {
    const outcome = await observeRegister(() => this.#register(request));
    return responseOf(outcome);
  }

  /** Where a phone is, or one device of it; nowhere where it is not registered, or not configured any more. */
  async locate({ device, phone }: LocateRequest): Promise<LocateResponse> {
    const policy = phonesIn(this.#parts).policies.get(phone);
    if (policy === undefined) return { bindings: [], goneMs: 0 };
    const { store } = this.#parts;
    const { bindings: held, nowMs } = await store.read(phone);
    const meant = device === undefined ? held : held.filter((each) => isOfDevice(each, device));
    const bindings = locate(meant, nowMs);
    const isGone = bindings.length === 0 && policy.kind === 'gateway';
    return { bindings, goneMs: isGone ? await store.goneSince(phone) : 0 };
  }

  /** @throws SwitchError SWITCH_STORE_UNAVAILABLE, or SWITCH_SERVICE_UNAVAILABLE while there is no configuration */
  async countGateways(): Promise<GatewayCounts> {
    const { gateways } = phonesIn(this.#parts);
    const held = await this.#parts.store.readAll(gateways);
    const registered = held.filter(({ bindings, nowMs }) =>
      bindings.some((binding) => isHeld(binding, nowMs)),
    ).length;
    return { registered, unregistered: gateways.length - registered };
  }

  /** Takes bindings away. @param operator who wants it, for the journal @returns how many */
  async remove(
    phone: string,
    isMeant: (binding: Binding) => boolean,
    operator: string,
  ): Promise<number> {
    const removed = await this.change(phone, (held) => ({
      bindings: held.bindings.filter((binding) => !isMeant(binding)),
      result: held.bindings.filter(isMeant),
    }));
    countEnded('operator', removed.length);
    for (const binding of removed) {
      const { contact } = binding;
      const facts = { contact, operator };
      this.#parts.journal.note({ ...this.about(phone, binding), cause: 'removed-by-operator', facts }); // prettier-ignore
      this.#parts.logger.info({ phone, contact, operator }, 'registration removed by an operator');
    }
    return removed.length;
  }

  /** Drops bindings whose time is over. @returns of how many phones */
  async sweep(): Promise<number> {
    const { logger, store } = this.#parts;
    const lapsed = await store.lapsed(SWEPT_AT_ONCE);
    for (const phone of lapsed) {
      const dropped = await this.change(phone, (held) => ({
        bindings: held.bindings.filter((binding) => isHeld(binding, held.nowMs)),
        result: held.bindings.filter((binding) => !isHeld(binding, held.nowMs)),
      }));
      countEnded('expired', dropped.length);
      for (const binding of dropped) {
        const { contact, source, userAgent } = binding;
        const facts = expiredFacts(binding);
        this.#parts.journal.note({ ...this.about(phone, binding), cause: 'expired', facts });
        logger.info({ phone, contact, source, userAgent }, 'registration expired');
      }
    }
    return lapsed.length;
  }

  async #register(
    request: RegisterRequest,
  ): Promise<RegisterOutcome | { readonly kind: 'unknown-phone' }> {
    const { random } = this.#parts;
    const policy = phonesIn(this.#parts).policies.get(request.phone);
    if (policy === undefined) return { kind: 'unknown-phone' };
    const mark = shortHash(request.branch);
    const drawn = random();
    const decided = await this.change(request.phone, ({ bindings: before, nowMs }) => {
      const outcome = register(before, { request, mark, policy, nowMs, random: drawn });
      const bindings = outcome.kind === 'registered' ? outcome.bindings : before;
      return { bindings, result: { request, policy, before, outcome } };
    });
    for (const note of notesOf(decided)) this.#parts.journal.note(note);
    this.#note(request, decided.outcome);
    return decided.outcome;
  }

  /** Whom the journal is told of where a binding ends otherwise than by its phone. */
  about(phone: string, binding: Binding): JournalAbout {
    return endOf(phone, binding, this.#parts.phones()?.policies.get(phone)?.account ?? '');
  }

  /** REG-11: what an operator asks after. */
  #note({ phone, source, userAgent, sipCallId }: RegisterRequest, outcome: RegisterOutcome): void {
    const { logger } = this.#parts;
    const about = { phone, source, userAgent, callId: sipCallId };
    if (outcome.kind === 'refused') {
      const { cause, text } = outcome;
      logger.info({ ...about, cause, text }, 'registration refused');
      return;
    }
    const { added, replaced, removed } = outcome.changes;
    countEnded('replaced', replaced.length);
    for (const { contact } of replaced) {
      const by = added.map((each) => each.contact).join(' ');
      logger.info({ ...about, contact, by }, 'registration replaced by another device');
    }
    for (const { contact } of removed) logger.debug({ ...about, contact }, 'unregistered');
    for (const { contact } of added) logger.debug({ ...about, contact }, 'registered');
  }

  /** ROUTE-02: since when a gateway is not to be reached is told with each call that it does not get. */
  async #noteGone(phone: string): Promise<void> {
    const { phones, store } = this.#parts;
    if (phones()?.policies.get(phone)?.kind === 'gateway') await store.noteGone(phone);
  }

  /** Writes what is made of the bindings, of those that others have written meanwhile where they have. */
  async change<T>(
    phone: string,
    make: (held: Held) => { readonly bindings: readonly Binding[]; readonly result: T },
  ): Promise<T> {
    const { store } = this.#parts;
    let before = await store.read(phone);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { bindings, result } = make(before);
      if (isSame(before.bindings, bindings)) return result;
      const now = await store.write(phone, before, bindings);
      if (now === undefined) {
        if (bindings.length === 0) await this.#noteGone(phone);
        return result;
      }
      before = now;
    }
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', `the bindings of ${phone} do not hold still`);
  }
}

/** @throws SwitchError SWITCH_SERVICE_UNAVAILABLE */
export function phonesIn({ phones }: Pick<RegistrarParts, 'phones'>): Phones {
  const known = phones();
  if (known === undefined) {
    throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'registrar has no configuration yet');
  }
  return known;
}

/** Bindings are never changed: the same ones are the same objects. */
function isSame(before: readonly Binding[], after: readonly Binding[]): boolean {
  return before.length === after.length && before.every((binding, at) => binding === after[at]);
}

function responseOf(
  outcome: RegisterOutcome | { readonly kind: 'unknown-phone' },
): RegisterResponse {
  switch (outcome.kind) {
    case 'unknown-phone':
      return refused('UserNotFound', 'no phone of this name is configured');
    case 'refused':
      return refused(outcome.cause, outcome.text, outcome.minSeconds);
    case 'registered': {
      const contacts = outcome.bindings.flatMap((binding) => {
        const { contact: uri, q, instance, regId } = binding;
        const expires = secondsLeft(binding, outcome.nowMs);
        const session = instance === '' ? 0 : sessionOf(binding);
        return expires > 0 ? [{ uri, expires, q, instance, regId, session }] : [];
      });
      return { outcome: { $case: 'registered', value: { contacts } } };
    }
  }
}

function secondsLeft({ expiresMs }: Binding, nowMs: number): number {
  return Math.max(0, Math.round((expiresMs - nowMs) / 1000));
}

function refused(cause: string, text: string, minExpires = 0): RegisterResponse {
  return { outcome: { $case: 'refused', value: { cause, text, minExpires } } };
}
