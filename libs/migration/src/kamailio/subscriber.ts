import type { Conversion } from './conversion.ts';

const COLUMNS = { username: 'username', password: 'password', realm: 'domain' };

/** Subscribers: phones, with their domain as realm. */
export function convertSubscribers(into: Conversion): void {
  for (const row of into.rows('subscriber')) {
    const [username, password, realm] = [row.text('username'), row.text('password'), row.text('domain')]; // prettier-ignore
    if (password === '') {
      const hash = ['ha1', 'ha1b'].find((column) => row.text(column) !== '');
      into.refuse(
        row,
        'password',
        hash === undefined
          ? `phone ${username} has no password: give it one`
          : `phone ${username} has ${hash} alone, from which no password follows: phones are challenged by SHA-256, too, which needs the password itself (it is kept encrypted); give it a new one`,
      );
      continue;
    }
    const { account } = into.terms;
    const value = { username, password, account, ...(realm === '' ? {} : { realm }) };
    into.put('phones', value, row, COLUMNS);
  }
}
