import { until } from './until.ts';

/** Who a request came from, as the API writes it. */
interface OriginView {
  readonly kind: string;
  readonly name: string;
  readonly account: string;
}

/** One attempt at a carrier. */
interface AttemptView {
  readonly gateway: string;
  readonly contact: string;
  readonly code: number;
  readonly reason: string;
}

/** A CDR as far as the tests read it. */
export interface CdrView {
  readonly callId: string;
  readonly startedAt: string | null;
  readonly answeredAt: string | null;
  readonly endedAt: string | null;
  readonly origin: OriginView | null;
  readonly a: {
    readonly sipCallId: string;
    readonly caller: string;
    readonly callee: string;
    readonly from: string;
  } | null;
  readonly b: {
    readonly sipCallId: string;
    readonly caller: string;
    readonly callee: string;
    readonly asserted: string;
  } | null;
  readonly signature: { readonly verdict: string } | null;
  readonly attempts: readonly AttemptView[];
  readonly reason: string;
  readonly code: number;
  readonly endedBy: string;
  readonly durationMs: number;
  readonly billedSeconds: number;
  readonly price: string;
  readonly currency: string;
  readonly traceId: string;
  readonly media: {
    readonly relay: string;
    readonly a: { readonly packets: number; readonly mos: number | null } | null;
    readonly b: { readonly packets: number; readonly mos: number | null } | null;
  } | null;
}

/** An account with its balance. */
interface AccountView {
  readonly name: string;
  readonly balance: string;
}

/** What the edge says of itself. */
interface StatusView {
  readonly outbox: number;
  readonly calls: number;
  readonly malformed: number;
  readonly garbage: number;
  readonly overload: OverloadView | null;
}

/** How an edge is loaded, and what it does about it. */
export interface OverloadView {
  readonly isShedding: boolean;
  /** New calls a second that it begins; null: all that come. */
  readonly rate: number | null;
  readonly cause: string;
  readonly loopDelayMs: number;
  readonly queueDelayMs: number;
  readonly setUpDelayMs: number;
  readonly refusedByLoad: number;
  readonly refusedByShare: number;
  readonly shed: number;
}

/** A pod or front of the edge. */
interface PodView {
  readonly name: string;
  readonly role: string;
  readonly advertised: string;
  readonly isDraining: boolean;
  readonly epoch: number;
  readonly calls: number;
  readonly adoptions: number;
  readonly dropped: number;
  readonly source: string;
}

/** What a test of an edge's network found. */
interface FindingView {
  readonly transport: string;
  readonly target: string;
  readonly source: string;
  readonly leadsHere: string;
}

interface GatewayTestView {
  readonly text: string;
  readonly addresses: readonly { readonly answered: number; readonly text: string }[];
}

/** A line limit and who holds lines of it. */
interface LineView {
  readonly subject: string;
  readonly inUse: number;
  readonly holders: readonly { readonly callId: string; readonly since: string }[];
}

/** What routing would do with a call. */
interface RouteView {
  /** Why it would be refused; empty where it would not. */
  readonly reason: string;
  readonly configurationVersion: number;
}

/** One of several of them. */
interface RouteSummary {
  readonly callee: string;
  readonly outcome: string;
  readonly reason: string;
  readonly gateways: readonly string[];
  readonly price: string | null;
}

/** The answer to a configuration that was applied or refused. */
export interface ApplyAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Failures of a user name at a source, gathered. */
interface AuthenticationFailure {
  readonly user: string;
  readonly source: string;
  readonly count: number;
  readonly reason: string;
  readonly explanation: string;
  readonly change: string;
}

/** The REST API of a switch, with its token. */
export class SwitchApi {
  readonly base: string;
  /** What a request proves itself by. */
  readonly token: string;
  /** Calls that began before have no CDR here; ms since the epoch. */
  readonly #sinceMs: number;

  constructor(base: string, token: string, sinceMs = 0) {
    this.base = base;
    this.token = token;
    this.#sinceMs = sinceMs;
  }

  /** The same, with CDRs of calls alone that begin from now on: there may be very many. */
  fromNow(): SwitchApi {
    return new SwitchApi(this.base, this.token, Date.now());
  }

  /** Applies a configuration. @returns its version @throws where it is not taken */
  async apply(document: object): Promise<number> {
    const answer = await this.tryApply(JSON.stringify(document), 'application/json');
    if (answer.status >= 300) {
      throw new Error(`not applied: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    }
    return (answer.body as { version: number }).version;
  }

  /** Changes an entry of the configuration, such as `routing-gateways/carrier-a`. @returns the version @throws where it is not taken */
  async change(entry: string, patch: object): Promise<number> {
    const path = `/api/v1/configuration/${entry}`;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(patch);
    const response = await this.#fetch(path, { method: 'PATCH', headers, body, timeoutMs: 60_000 });
    const answer = (await response.json()) as { readonly version: number };
    if (!response.ok) throw new Error(`PATCH ${path}: ${JSON.stringify(answer)}`);
    return answer.version;
  }

  /** Where routing would send a call of a mapping gateway or a phone. */
  async route(from: string, callee: string): Promise<RouteView> {
    const query = new URLSearchParams({ from, callee });
    return (await this.#json(`/api/v1/route?${query.toString()}`)) as RouteView;
  }

  /** The same for some numbers: the gateways of each, in order. */
  async routes(from: string, callees: readonly string[]): Promise<readonly RouteSummary[]> {
    const calls = callees.map((callee) => ({ callee }));
    const response = await this.#fetch('/api/v1/route', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from, calls }),
      timeoutMs: 60_000,
    });
    if (!response.ok) throw new Error(`POST route: ${String(response.status)}`);
    return ((await response.json()) as { analyses: RouteSummary[] }).analyses;
  }

  /** Applies a document as text, whatever the answer; `query` begins with "?". */
  async tryApply(text: string, type: string, query = ''): Promise<ApplyAnswer> {
    const response = await this.#fetch(`/api/v1/configuration${query}`, {
      method: 'PUT',
      headers: { 'content-type': type },
      body: text,
      timeoutMs: 60_000,
    });
    return { status: response.status, body: await response.json() };
  }

  /** Whether a configuration has ever been applied. */
  async hasConfiguration(): Promise<boolean> {
    const { status } = await this.#fetch('/api/v1/configuration', {});
    if (status !== 200 && status !== 404) throw new Error(`GET configuration: ${String(status)}`);
    return status === 200;
  }

  /** The configuration in effect as `tandem get` prints it. */
  async document(): Promise<string> {
    const response = await this.#fetch('/api/v1/configuration', {
      headers: { accept: 'application/yaml' },
      timeoutMs: 60_000,
    });
    return response.text();
  }

  get(path: string): Promise<unknown> {
    return this.#json(path);
  }

  /** The body of whatever the answer is, a character for each byte. */
  async bytes(path: string): Promise<string> {
    const response = await this.#fetch(path, { timeoutMs: 60_000 });
    return Buffer.from(await response.arrayBuffer()).toString('latin1');
  }

  /** @throws where it is not taken */
  async post(path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await this.#fetch(path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path}: ${String(response.status)} ${text}`);
    return JSON.parse(text);
  }

  /** All CDRs, newest first. */
  async cdrs(): Promise<readonly CdrView[]> {
    const all: CdrView[] = [];
    const since = this.#sinceMs === 0 ? '' : `&from=${new Date(this.#sinceMs).toISOString()}`;
    let cursor: string | null = '';
    do {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = (await this.#json(`/api/v1/cdrs?limit=1000${since}${query}`)) as CdrPage;
      all.push(...page.cdrs);
      cursor = page.nextCursor;
    } while (cursor !== null && cursor !== '');
    return all;
  }

  /** Waits until there are `count` CDRs, and a moment for one too many. */
  async cdrCount(count: number, timeoutMs = 15_000): Promise<readonly CdrView[]> {
    let last: readonly CdrView[] = [];
    await until(
      `${String(count)} CDRs`,
      async () => {
        last = await this.cdrs();
        return last.length >= count;
      },
      { timeoutMs, everyMs: 200 },
    ).catch((cause: unknown) => {
      throw new Error(`${String(last.length)} CDRs instead of ${String(count)}`, { cause });
    });
    return last;
  }

  /** The CDR of a call, by the SIP Call-ID of its caller, as soon as it is there. */
  async cdrOf(sipCallId: string): Promise<CdrView> {
    return until(
      `a CDR of ${sipCallId}`,
      async () => (await this.cdrs()).find((cdr) => cdr.a?.sipCallId === sipCallId),
      { timeoutMs: 20_000 },
    );
  }

  /** Puts numbers, one a line, into a list. @throws where they are not taken */
  async importList(name: string, text: string): Promise<void> {
    const headers = { 'content-type': 'text/csv' };
    const path = `/api/v1/number-lists/${name}`;
    const response = await this.#fetch(path, { method: 'PUT', headers, body: text });
    if (!response.ok)
      throw new Error(`PUT ${path}: ${String(response.status)} ${await response.text()}`);
  }

  /** How the edge is. */
  async status(): Promise<StatusView> {
    return (await this.#json('/api/v1/status')) as StatusView;
  }

  /** All pods and fronts that live. */
  async pods(): Promise<readonly PodView[]> {
    return ((await this.#json('/api/v1/pods')) as { pods: PodView[] }).pods;
  }

  /** Has an edge test its network, now. */
  async testNetwork(): Promise<readonly FindingView[]> {
    const response = await this.#fetch('/api/v1/network-tests', { method: 'POST' });
    if (!response.ok) throw new Error(`POST network-tests: ${String(response.status)}`);
    return ((await response.json()) as { findings: FindingView[] }).findings;
  }

  /** Has an edge test the network to a routing gateway, now. */
  async testGateway(gateway: string): Promise<GatewayTestView> {
    const path = `/api/v1/gateways/${encodeURIComponent(gateway)}/test?probes=2&timeoutMs=300`;
    const response = await this.#fetch(path, { method: 'POST' });
    if (!response.ok) throw new Error(`POST ${path}: ${String(response.status)}`);
    return (await response.json()) as GatewayTestView;
  }

  async balance(account: string): Promise<string> {
    const { accounts } = (await this.#json('/api/v1/accounts')) as { accounts: AccountView[] };
    const found = accounts.find(({ name }) => name === account);
    if (found === undefined) throw new Error(`no account ${account}`);
    return found.balance;
  }

  /** Books an amount, also one that no coin makes. */
  async pay(account: string, amount: string, reference: string): Promise<void> {
    const path = `/api/v1/accounts/${encodeURIComponent(account)}/payments`;
    const response = await this.#fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ amount, reference, kind: 'correction' }),
    });
    if (!response.ok) throw new Error(`POST ${path}: ${String(response.status)}`);
  }

  async linesHeld(): Promise<number> {
    const { lines } = (await this.#json('/api/v1/lines')) as { lines: { inUse: number }[] };
    return lines.reduce((sum, { inUse }) => sum + inUse, 0);
  }

  /** Every line that is held, with the call that holds it. */
  async lineHolders(): Promise<readonly string[]> {
    const { lines } = (await this.#json('/api/v1/lines')) as { lines: LineView[] };
    return lines.flatMap(({ subject, holders }) =>
      holders.map(({ callId, since }) => `${subject} by ${callId} since ${since}`),
    );
  }

  async callsInProgress(): Promise<number> {
    const { total } = (await this.#json('/api/v1/calls')) as { total: number };
    return total;
  }

  async suspensions(): Promise<readonly { readonly terminal: string }[]> {
    const { suspensions } = (await this.#json('/api/v1/suspensions')) as {
      suspensions: { terminal: string }[];
    };
    return suspensions;
  }

  async authenticationFailures(): Promise<readonly AuthenticationFailure[]> {
    const { failures } = (await this.#json('/api/v1/authentication-failures')) as {
      failures: AuthenticationFailure[];
    };
    return failures;
  }

  async liftSuspension(terminal: string): Promise<void> {
    await this.remove(`/api/v1/suspensions/${encodeURIComponent(terminal)}`);
  }

  /** Uses a gateway again that rests, or is throttled. */
  async endRest(gateway: string): Promise<void> {
    await this.remove(`/api/v1/gateway-rests/${gateway}`);
  }

  async remove(path: string): Promise<void> {
    const response = await this.#fetch(path, { method: 'DELETE' });
    if (!response.ok) throw new Error(`DELETE ${path}: ${String(response.status)}`);
  }

  /** All that `explain` says of a call, as text. */
  async explain(callId: string): Promise<{ readonly text: string }> {
    return {
      text: JSON.stringify(await this.#json(`/api/v1/explain/${encodeURIComponent(callId)}`)),
    };
  }

  async #json(path: string): Promise<unknown> {
    const response = await this.#fetch(path, {});
    const body = await response.text();
    if (!response.ok) throw new Error(`GET ${path}: ${String(response.status)} ${body}`);
    return JSON.parse(body);
  }

  #fetch(path: string, { timeoutMs = 10_000, ...init }: RequestOptions): Promise<Response> {
    return fetch(`${this.base}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${this.token}` },
      signal: AbortSignal.timeout(timeoutMs),
    });
  }
}

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** @default 10,000 */
  readonly timeoutMs?: number;
}

interface CdrPage {
  readonly cdrs: readonly CdrView[];
  readonly nextCursor: string | null;
}
