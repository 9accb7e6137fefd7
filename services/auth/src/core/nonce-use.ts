/** AUTH-04: a nonce serves so many requests, right and wrong; then it is stale, which a client answers by itself. */
export const REQUESTS_PER_NONCE = 64;
