import { SwitchError } from '@tandem/domain';
import type { Redis } from './redis.ts';
import { defineScript } from './script.ts';
import type { RedisScript } from './script.ts';

/** A script of a store. */
export interface SlotScript {
  readonly lua: string;
  readonly keys: number;
  /** It answers bytes. @default false: text */
  readonly buffers?: boolean | undefined;
}

interface SlotScriptsOptions<Name extends string> {
  /** Hash tag of all keys: `{slot}:KEY`. */
  readonly slot: string;
  /** First part of the names of the scripts in telemetry: `name-NAME`. */
  readonly name: string;
  /** What is said where Redis does not answer. */
  readonly away: string;
  readonly scripts: Readonly<Record<Name, SlotScript>>;
}

/** The scripts of a store whose keys lie in one hash slot of their own. */
export class SlotScripts<Name extends string, Key extends string> {
  readonly #options: SlotScriptsOptions<Name>;
  readonly #scripts: ReadonlyMap<string, RedisScript>;

  constructor(redis: Redis, options: SlotScriptsOptions<Name>) {
    this.#options = options;
    this.#scripts = new Map(
      Object.entries<SlotScript>(options.scripts).map(([name, { buffers, keys, lua }]) => [
        name,
        defineScript(redis, lua, keys, {
          name: `${options.name}-${name}`,
          buffers: buffers === true,
        }),
      ]),
    );
  }

  /**
   * Scripts are their store's own: what they answer has the form that they were written with.
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE
   */
  async run<T>(
    name: Name,
    keys: readonly Key[],
    args: readonly (string | number | Buffer)[],
  ): Promise<T> {
    const { away, slot } = this.#options;
    try {
      const named = keys.map((key) => `{${slot}}:${key}`);
      return (await this.#scripts.get(name)?.(named, args)) as T;
    } catch (cause) {
      throw new SwitchError('SWITCH_STORE_UNAVAILABLE', away, { cause });
    }
  }
}
