import type { EndFlowsRequest, EndFlowsResponse } from '@tandem/proto/registrar';
import type { Binding } from './core/binding.ts';
import { connectionOf, memberOf } from './core/index-keys.ts';
import type { Registrar, RegistrarParts } from './registrar.ts';
import { countEnded } from './telemetry.ts';

/** Phones that are read at once. */
const PAGE = 200;

/**
 * Ends what was bound to connections that are gone (RFC 5626 §5.3): nobody can be called by them. Their phones register anew when
 * they are back, by another one.
 */
export class EndedFlows {
  readonly #parts: Pick<RegistrarParts, 'journal' | 'logger' | 'store'>;
  readonly #registrar: Registrar;

  constructor(parts: Pick<RegistrarParts, 'journal' | 'logger' | 'store'>, registrar: Registrar) {
    this.#parts = parts;
    this.#registrar = registrar;
  }

  async end({ flows, gate }: EndFlowsRequest): Promise<EndFlowsResponse> {
    let ended = 0;
    for (const flow of flows)
      ended += await this.#endAll(memberOf(flow, ''), (one) => one === flow);
    const start = `${gate};`;
    if (gate !== '') ended += await this.#endAll(start, (flow) => flow.startsWith(start));
    return { ended };
  }

  async #endAll(start: string, isGone: (flow: string) => boolean): Promise<number> {
    const { journal, logger, store } = this.#parts;
    const isOver = (binding: Binding): boolean => {
      const connection = connectionOf(binding);
      return connection !== undefined && isGone(connection);
    };
    let ended = 0;
    for (let after: string | undefined; ;) {
      const page = await store.list({ index: 'flow', from: start, to: start, after, limit: PAGE });
      for (const { phone } of page) {
        const gone = await this.#registrar.change(phone, ({ bindings }) => ({
          bindings: bindings.filter((binding) => !isOver(binding)),
          result: bindings.filter(isOver),
        }));
        ended += gone.length;
        for (const binding of gone) {
          const { contact, source, transport, userAgent } = binding;
          const about = this.#registrar.about(phone, binding);
          journal.note({ ...about, cause: 'connection-closed', facts: { contact, transport } });
          logger.info(
            { phone, contact, source, userAgent },
            'registration ended: its connection is gone',
          );
        }
      }
      after = page.at(-1)?.key;
      if (page.length < PAGE) break;
    }
    countEnded('connection', ended);
    return ended;
  }
}
