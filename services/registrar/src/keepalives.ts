import type {
  KeepaliveResult,
  KeepalivesRequest,
  KeepalivesResponse,
} from '@tandem/proto/registrar';
import { isHeld } from './core/binding.ts';
import type { Binding } from './core/binding.ts';
import { afterKeepalive, isAnswerNews, needsKeepalive } from './core/keepalive.ts';
import { targetOf } from './core/locate.ts';
import type { DuePhone, Held } from './ports.ts';
import { phonesIn } from './registrar.ts';
import type { Registrar, RegistrarParts } from './registrar.ts';
import { countReachability } from './telemetry.ts';

/** Which phones get a keep-alive now, and what those before have shown (REG-04). Edges send them. */
export class Keepalives {
  readonly #parts: Pick<RegistrarParts, 'journal' | 'logger' | 'phones' | 'store'>;
  readonly #registrar: Registrar;

  constructor(
    parts: Pick<RegistrarParts, 'journal' | 'logger' | 'phones' | 'store'>,
    registrar: Registrar,
  ) {
    this.#parts = parts;
    this.#registrar = registrar;
  }

  async exchange({ isLeaving, results }: KeepalivesRequest): Promise<KeepalivesResponse> {
    const { keepalive } = phonesIn(this.#parts);
    await Promise.all(results.map((result) => this.#note(result, keepalive.limit)));
    if (isLeaving || keepalive.intervalMs === 0) return { due: [] };
    const due = await this.#parts.store.turn(keepalive.intervalMs);
    return { due: due.flatMap(keepalivesOf) };
  }

  async #note(result: KeepaliveResult, limit: number): Promise<void> {
    const { contact, phone } = result;
    const changed = await this.#registrar.change(phone, ({ bindings, nowMs }: Held) => {
      const meant = bindings.find((binding) => isMeant(binding, result));
      const after = meant && afterKeepalive(meant, result, { limit, nowMs });
      return {
        bindings: bindings.map((each) => (each === meant ? (after ?? each) : each)),
        result: meant?.isUnreachable === after?.isUnreachable ? undefined : after,
      };
    });
    if (changed === undefined) return;
    const { isUnreachable, missed, source, userAgent } = changed;
    countReachability(isUnreachable);
    const about = { phone, contact, source, userAgent };
    if (!isUnreachable) {
      this.#parts.logger.info(about, 'phone answers keep-alives again');
      return;
    }
    this.#parts.logger.info({ ...about, missed }, 'phone answers no keep-alive');
    const facts = { contact, unanswered: missed };
    const told = this.#registrar.about(phone, changed);
    this.#parts.journal.note({ ...told, cause: 'keepalive-lost', facts });
  }
}

function isMeant(binding: Binding, { contact, regId }: KeepaliveResult): boolean {
  return binding.contact === contact && binding.regId === regId;
}

function keepalivesOf({ held: { bindings, nowMs }, phone }: DuePhone): KeepalivesResponse['due'] {
  return bindings
    .filter((binding) => needsKeepalive(binding) && isHeld(binding, nowMs))
    .map((binding) => ({
      phone,
      contact: binding.contact,
      regId: binding.regId,
      target: targetOf(binding),
      isAnswerTold: isAnswerNews(binding, nowMs),
    }));
}
