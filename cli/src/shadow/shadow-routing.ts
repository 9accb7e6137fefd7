import type * as Migration from '@tandem/migration';
import type { Analysis, GatewayAddresses, ObservedCall, Origins, Verdict } from '@tandem/migration';
import type { Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { listAt, textAt } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';

/** Questions to routing at once. */
const AT_ONCE = 16;

/** What is known of the configuration in effect, and routing's answers about calls. */
export class ShadowRouting {
  readonly origins: Origins;
  readonly #gateways: GatewayAddresses;
  readonly #context: CommandContext;
  readonly #migration: typeof Migration;

  private constructor(context: CommandContext, migration: typeof Migration, document: Json) {
    this.#context = context;
    this.#migration = migration;
    this.origins = new migration.Origins(document);
    this.#gateways = new Map(
      listAt(document, 'routingGateways').map((gateway) => [
        textAt(gateway, 'name'),
        gateway['addresses'] as readonly string[],
      ]),
    );
  }

  static async open(context: CommandContext): Promise<ShadowRouting> {
    const migration = await import('@tandem/migration');
    const headers = { accept: 'application/json' };
    const document = await context.api().json({ path: '/configuration', headers });
    return new ShadowRouting(context, migration, document);
  }

  /** Asks routing about calls, some at once, and tells each verdict in the order of the calls. */
  async judgeAll(calls: readonly ObservedCall[], tell: (verdict: Verdict) => void): Promise<void> {
    for (let at = 0; at < calls.length; at += AT_ONCE) {
      const some = calls.slice(at, at + AT_ONCE);
      for (const verdict of await Promise.all(some.map((call) => this.judge(call)))) tell(verdict);
    }
  }

  /** @throws CliError where the switch cannot be asked at all */
  async judge(call: ObservedCall): Promise<Verdict> {
    const { atMs, callee, caller, from, seconds } = call;
    try {
      const analysis = await this.#context.api().json({
        path: '/route',
        query: {
          from,
          callee,
          caller: caller === '' ? undefined : caller,
          at: atMs === undefined ? undefined : new Date(atMs).toISOString(),
          seconds: seconds === 0 ? undefined : String(seconds),
        },
      });
      return this.#migration.judge(call, analysis as unknown as Analysis, this.#gateways);
    } catch (error) {
      // An origin that the configuration does not have: one call of many.
      if (!(error instanceof CliError) || error.exitCode !== exitCodes.refused) throw error;
      return this.#migration.notCompared(call, error.message.replace(/\.$/, ''));
    }
  }
}
