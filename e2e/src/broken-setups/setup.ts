import type { Asking } from '../asking-client.ts';

type Request = Partial<Asking> & { readonly to?: string };

/** One broken set-up: what is asked, and what `explain` has to say of it. */
export interface BrokenSetup {
  readonly name: string;
  readonly ask: Request;
  /** What its first line, or the evidence under it, names: the cause and its values. */
  readonly says: readonly RegExp[];
  /** What would change it. */
  readonly remedy: RegExp;
  /** What one of its steps says. */
  readonly shows?: RegExp;
  /** Asked before, one after the other. */
  readonly first?: readonly Request[];
  /** Calls that are answered, and go on until all of it is over. */
  readonly beside?: readonly Request[];
  /** As many are asked at once, and one that was refused is explained. @default 1 */
  readonly atOnce?: number;
  /** Of those the one that got this. @default one that was refused */
  readonly withStatus?: number;
  /** Not asked before routing would refuse such a call so. */
  readonly once?: { readonly from: string; readonly to: string; readonly reason: string };
  /** `first` is asked again and again, until what the API says at `path` has this. */
  readonly firstUntil?: { readonly path: string; readonly has: string };
  /** It is found by this query in place of its Call-ID, which nobody has read. */
  readonly found?: string;
  /** What an operator deletes before it is asked, a path of the API; `{call}`: its call, once that is answered. */
  readonly removes?: string;
  /** What is explained is the registration of this phone. @default the request itself */
  readonly registration?: string;
}

/** Of every phone here: it is in nothing that can be read afterwards. */
export const PASSWORD = 'never-to-be-told';

/** A phone that proves its password, unless it is told otherwise. */
export const as = (username: string, more: object = {}) => ({
  from: username,
  credentials: { username, password: PASSWORD, ...more },
});

export const register = (username: string, more: object = {}, headers: object = {}) => ({
  method: 'REGISTER' as const,
  to: username,
  ...as(username, more),
  headers: { ...headers },
});

/** A trunk that is known by its address. */
export const trunk = (address: string) => ({ from: '441632960100', to: '441', address });
