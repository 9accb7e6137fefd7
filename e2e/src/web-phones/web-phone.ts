import { until } from '../until.ts';
import type { WebPhoneAccount } from './page/page-phone.ts';

/** Where a phone runs: a page of a browser, or a process that stands for one. */
export interface Page {
  /** @returns what the expression comes to, once it is there */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export type WebLibrary = 'jssip' | 'sip.js';

/** A web phone of JsSIP or SIP.js. It answers whoever calls. */
export class WebPhone {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async start(page: Page, library: WebLibrary, account: WebPhoneAccount): Promise<WebPhone> {
    await page.evaluate(`start(${JSON.stringify(library)}, ${JSON.stringify(account)})`);
    return new WebPhone(page);
  }

  /** Waits until this has happened for the `times`-th time. */
  async event(name: string, times = 1): Promise<void> {
    let seen: readonly string[] = [];
    const isThere = async (): Promise<boolean> => {
      seen = await this.events();
      return seen.filter((each) => each === name).length >= times;
    };
    await until(`the web phone tells ${name}`, isThere, { everyMs: 50 }).catch((cause: unknown) => {
      throw new Error(`no ${name}, but ${seen.join(', ')}`, { cause });
    });
  }

  async events(): Promise<readonly string[]> {
    return (await this.#page.evaluate('phone.events()')) as readonly string[];
  }

  async audioReceived(): Promise<number> {
    return Number(await this.#page.evaluate('phone.audioReceived()'));
  }

  async dial(target: string): Promise<void> {
    await this.#do(`dial(${JSON.stringify(target)})`);
  }

  async transfer(target: string): Promise<void> {
    await this.#do(`transfer(${JSON.stringify(target)})`);
  }

  hold(): Promise<void> {
    return this.#do('hold()');
  }

  resume(): Promise<void> {
    return this.#do('resume()');
  }

  hangUp(): Promise<void> {
    return this.#do('hangUp()');
  }

  /** Unregisters, and closes the page. */
  async stop(): Promise<void> {
    await this.#do('stop()');
    await this.#page.close();
  }

  async #do(what: string): Promise<void> {
    await this.#page.evaluate(`(async () => { await phone.${what}; })()`);
  }
}
