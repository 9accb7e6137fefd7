// eslint-disable-next-line no-restricted-imports -- two pure functions; nothing of them touches a socket.
export { isIPv4, isIPv6 } from 'node:net';
