import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { JournalNote } from '@tandem/domain';
import { Provider } from 'oidc-provider';
import { openOpenIdProvider } from '../../../src/adapters/openid-provider.ts';
import type { GroupRoles } from '../../../src/core/operators/openid-identity.ts';
import { apiUnderTest } from '../../api-under-test.ts';
import { operatorNamed } from '../../operators-under-test.ts';

interface Person {
  readonly preferred_username: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

const people: Readonly<Record<string, Person>> = {
  'sub-alice': { preferred_username: 'Alice', name: 'Alice A.', email: 'alice@example.com', groups: ['staff', 'noc'] }, // prettier-ignore
  'sub-eve': { preferred_username: 'eve', name: 'Eve', email: 'eve@example.com', groups: [] },
};

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** A real provider, in which one signs in by writing a name. */
async function openProvider(context: TestContext, redirectUri: () => string): Promise<string> {
  const state: { handle?: ReturnType<Provider['callback']> } = {};
  const server = createServer((request, response) => void state.handle?.(request, response));
  const issuer = await listen(server);
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'tandem',
        client_secret: 'secret-of-the-client',
        redirect_uris: [redirectUri()],
      },
    ],
    pkce: { required: () => true },
    claims: {
      openid: ['sub'],
      email: ['email'],
      profile: ['name', 'preferred_username', 'groups'],
    },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people[id] }),
    }),
  });
  state.handle = provider.callback();
  return issuer;
}

/** What a browser would do: it keeps cookies, and follows where it is led. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async open(url: string, form?: Record<string, string>): Promise<Response> {
    const { origin } = new URL(url);
    const headers = { cookie: this.#cookies.get(origin) ?? '' };
    const body = form && new URLSearchParams(form);
    const response = await fetch(url, { redirect: 'manual', headers, ...(body && { method: 'POST', body }) }); // prettier-ignore
    const jar = new Map((this.#cookies.get(origin) ?? '').split('; ').filter(Boolean).map((each) => each.split('=', 2) as [string, string])); // prettier-ignore
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    this.#cookies.set(origin, [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    return response;
  }
}

interface Setup {
  readonly context: TestContext;
  readonly groupRoles: GroupRoles;
}

/** The API with a provider, both listening. */
async function openBoth({ context, groupRoles }: Setup) {
  const noted: JournalNote[] = [];
  const place = { url: '' };
  // Where the API will listen has to be known to the provider before.
  const probe = createServer();
  place.url = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  const issuer = await openProvider(context, () => `${place.url}/api/v1/sign-in/openid/callback`);
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
  const folder = mkdtempSync('/tmp/tandem-openid-');
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(`${folder}/secret`, 'secret-of-the-client\n');
  const openId = openOpenIdProvider({
    issuer,
    clientId: 'tandem',
    clientSecretFile: `${folder}/secret`,
    title: 'Example',
    groupsClaim: 'groups',
    groupRoles,
  });
  const api = await apiUnderTest({}, undefined, { openId, noted, publicUrl: place.url });
  await api.server.listen({ host: '127.0.0.1', port: Number(new URL(place.url).port) });
  context.after(() => api.server.close());
  return { api, noted, url: place.url };
}

/** Signs in at the provider, and comes back. @returns where that has led to, and its cookies */
async function signIn(url: string, subject: string, browser = new Browser()) {
  let response = await browser.open(`${url}/api/v1/sign-in/openid?returnTo=/calls`);
  for (let steps = 0; steps < 20; steps++) {
    const location = response.headers.get('location');
    if (location === null) {
      // Its page: first for the name, then for the consent.
      const page = await response.text();
      const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
      const at = new URL(action, response.url).href;
      response = await browser.open(at, { prompt, login: subject, password: 'x' });
      continue;
    }
    const next = new URL(location, response.url);
    if (next.origin === url && !next.pathname.startsWith('/api/')) {
      return { to: `${next.pathname}${next.search}`, cookies: response.headers.getSetCookie() };
    }
    response = await browser.open(next.href);
  }
  throw new Error('it leads in circles');
}

const noc: GroupRoles = [{ group: 'noc', role: 'operator' }];

test('OPS-12 who is in a group with a role signs in by OpenID Connect, and is added', async (context) => {
  const { api, noted, url } = await openBoth({ context, groupRoles: noc });
  const { cookies, to } = await signIn(url, 'sub-alice');
  assert.equal(to, '/calls');
  const session = cookies.find((each) => each.startsWith('tandem-session=')) ?? '';
  assert.match(session, /HttpOnly; SameSite=Strict/);
  const answer = await fetch(`${url}/api/v1/session`, { headers: { cookie: session.split(';')[0] ?? '' } }); // prettier-ignore
  const { method, user } = (await answer.json()) as { method: string; user: object };
  assert.deepEqual([method, user], ['openid', { name: 'alice', displayName: 'Alice A.', role: 'operator' }]); // prettier-ignore
  assert.equal((await api.operators.store.get('alice'))?.openIdSubject, 'sub-alice');
  assert.equal(noted[0]?.cause, 'signed-in');
  // A second time it is the same user.
  assert.equal((await signIn(url, 'sub-alice')).to, '/calls');
  assert.equal((await api.operators.store.list()).length, 1);
});

test('OPS-12 whom the provider proves, and nobody knows, does not come in', async (context) => {
  const { api, noted, url } = await openBoth({ context, groupRoles: noc });
  const { cookies, to } = await signIn(url, 'sub-eve');
  assert.equal(to, '/sign-in?problem=openid-not-allowed');
  assert.equal(cookies.some((each) => each.startsWith('tandem-session=')), false); // prettier-ignore
  assert.deepEqual(await api.operators.store.list(), []);
  const [note] = noted;
  assert.ok(note?.cause === 'sign-in-refused');
  assert.match(note.facts.fault, /none of its groups has a role/);
});

test('OPS-12 without roles of groups those alone come in whose subject is written down', async (context) => {
  const { api, url } = await openBoth({ context, groupRoles: [] });
  await api.operators.store.create(operatorNamed('al', { role: 'billing', openIdSubject: 'sub-alice' })); // prettier-ignore
  assert.equal((await signIn(url, 'sub-alice')).to, '/calls');
  assert.equal((await signIn(url, 'sub-eve')).to, '/sign-in?problem=openid-not-allowed');
});

test('OPS-12 a way back that was not begun here, or of another browser, signs nobody in', async (context) => {
  const { url } = await openBoth({ context, groupRoles: noc });
  const callback = `${url}/api/v1/sign-in/openid/callback?code=x&state=y`;
  const browser = new Browser();
  for (const each of [browser, new Browser()]) {
    // The second has begun, and comes back with what is not its own.
    if (each === browser) await each.open(`${url}/api/v1/sign-in/openid`);
    const answer = await each.open(callback);
    assert.equal(answer.headers.get('location'), '/sign-in?problem=openid-failed');
  }
  // Nor does it lead to a page of somebody else.
  const evil = await new Browser().open(`${url}/api/v1/sign-in/openid?returnTo=//evil.example`);
  assert.equal(evil.status, 303);
});
