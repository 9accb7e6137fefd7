import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How a page is looked at. */
export interface View {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
}

/** Debian's headless Chromium before the console of a switch. */
export class ConsoleBrowser {
  readonly #browser: Browser;
  readonly #base: string;

  private constructor(browser: Browser, base: string) {
    this.#browser = browser;
    this.#base = base;
  }

  static async start(base: string): Promise<ConsoleBrowser> {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium-headless-shell',
      args: ['--no-sandbox'],
    });
    return new ConsoleBrowser(browser, base);
  }

  /** A window of its own: nobody is signed in there. */
  async open({ scheme = 'light', width = 1280 }: View = {}): Promise<ConsolePage> {
    const context = await this.#browser.newContext({
      baseURL: this.#base,
      colorScheme: scheme,
      viewport: { width, height: heightOf(width) },
    });
    context.setDefaultTimeout(45_000);
    return new ConsolePage(await context.newPage());
  }

  stop(): Promise<void> {
    return this.#browser.close();
  }
}

/** One window, and what went wrong in it. */
export class ConsolePage {
  readonly page: Page;
  /** Errors of scripts, and what the Content-Security-Policy has kept from happening. */
  readonly faults: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => {
      this.faults.push(error.message);
    });
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) this.faults.push(message.text());
    });
  }

  /** Signs in by an API token. */
  async signIn(token: string): Promise<void> {
    await this.page.goto('/');
    await this.offerToken(token);
    await this.title('Now');
  }

  /** Puts a token into the form of the door, right or wrong. */
  async offerToken(token: string): Promise<void> {
    const { page } = this;
    const field = page.getByLabel('API token');
    await field.waitFor({ state: 'attached' });
    // With users there is a form for them, and that of tokens is folded.
    if (!(await field.isVisible())) await page.getByText('With an API token').click();
    await field.fill(token);
    await field.press('Enter');
  }

  /** Waits until the page says this somewhere. @throws with what it says instead */
  async shows(text: RegExp): Promise<void> {
    const main = this.page.getByRole('main');
    try {
      await main.getByText(text).first().waitFor();
    } catch (cause) {
      throw new Error(`${String(text)} is not in: ${await main.innerText()}`, { cause });
    }
  }

  /** Waits until a page has this title. */
  async title(name: string | RegExp): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name }).waitFor();
  }

  /** Goes to a page as a link in the console does: nothing is loaded anew, and the token stays. */
  async go(path: string, title: string | RegExp): Promise<void> {
    await this.page.evaluate(`history.pushState({}, '', ${JSON.stringify(path)})`);
    await this.title(title);
  }

  /** Waits until nothing loads any more. */
  async settle(): Promise<void> {
    await this.page.getByText('Loading …').first().waitFor({ state: 'detached' });
  }

  /** Has the same page in other colours, or another size. */
  async turn({ scheme = 'light', width = 1280 }: View): Promise<void> {
    await this.page.emulateMedia({ colorScheme: scheme });
    await this.page.setViewportSize({ width, height: heightOf(width) });
    await this.settle();
  }

  /**
   * What axe finds that shuts people out, or nearly.
   * @param rule the only one that is asked, where all else is known. @default all
   */
  async barriers(rule?: 'color-contrast'): Promise<readonly string[]> {
    await this.page.evaluate(axe);
    const options = rule === undefined ? {} : { runOnly: [rule] };
    const { violations } = await this.page.evaluate<AxeResults>(
      `axe.run(${JSON.stringify(options)})`,
    );
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html ?? ''}`);
  }

  /** Whether the page is wider than its window. */
  isTooWide(): Promise<boolean> {
    return this.page.evaluate('document.documentElement.scrollWidth > innerWidth + 1');
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

function heightOf(width: number): number {
  return width > 2000 ? 2160 : 900;
}
