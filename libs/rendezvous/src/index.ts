export { hashOfKey, hashWithPlace } from './hashes.ts';
