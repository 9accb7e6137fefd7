import type { ApiUnderTest } from '../../api-under-test.ts';

export const URL_ = '/api/v1/configuration';

interface Applied {
  readonly version: number;
  readonly isChanged: boolean;
  readonly changeCount: number;
  readonly changes: readonly { readonly subject: string }[];
  readonly removals: readonly Removal[];
  readonly allowRemoval: number | null;
}

interface Removal {
  readonly kind: string;
  readonly removed: number;
  readonly of: number;
  readonly names: readonly string[];
}

interface Refused {
  readonly type: string;
  readonly detail: string;
  readonly mistakes: readonly {
    readonly path: string;
    readonly message: string;
    readonly line?: number;
  }[];
}

/** Applies a document; `query` begins with `?`. */
export async function apply(
  api: ApiUnderTest,
  payload: string,
  options: { query?: string; type?: string; ifMatch?: string } = {},
) {
  const { query = '', type = 'application/yaml', ifMatch } = options;
  const answer = await api.ask({
    method: 'PUT',
    url: `${URL_}${query}`,
    payload,
    headers: { 'content-type': type, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
  });
  return { ...answer, body: answer.body as Applied & Refused };
}

/** Brings a version back. */
export async function rollBack(
  api: ApiUnderTest,
  version: number,
  options: { query?: string; ifMatch?: string } = {},
) {
  const { query = '', ifMatch } = options;
  const answer = await api.ask({
    method: 'POST',
    url: `${URL_}/versions/${String(version)}/rollback${query}`,
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
  });
  return { ...answer, body: answer.body as Applied & Refused };
}

/** The example with so many phones. */
export function withPhones(example: string, count: number): string {
  const phones = Array.from(
    { length: count },
    (_, index) => `  - { username: '${String(2000 + index)}', password: p, account: demo }\n`,
  );
  return example.replace('phones:\n', `phones:\n${phones.join('')}`);
}
