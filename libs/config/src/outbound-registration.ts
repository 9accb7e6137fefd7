type Block = Readonly<Record<string, unknown>>;

/** REG-08: what no single field of a gateway with a registration shows. @returns path below it, and message */
export function registrationMistakes(
  gateway: Block,
  registration: Block,
): readonly (readonly [key: string, message: string])[] {
  const { username, password, user } = registration;
  if ((username === undefined) !== (password === undefined)) {
    const missing = username === undefined ? 'username' : 'password';
    return [[missing, 'is missing: username and password are set together or not at all']];
  }
  if (user !== undefined) return [];
  const name = username ?? gateway['username'];
  if (typeof name !== 'string') {
    return [['user', 'is missing: neither it nor a username says who registers']];
  }
  return USER.test(name)
    ? []
    : [['user', `is missing: "${name}" is no user of an address, so write which one it is`]];
}

const USER = /^[A-Za-z0-9+*#][A-Za-z0-9+*#._!~'-]{0,63}$/;
