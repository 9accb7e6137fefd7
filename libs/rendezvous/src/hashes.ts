/**
 * What rendezvous hashing is made of: each place gets a number by the key, and the highest has the key, so that a place that comes
 * or goes moves only the keys that are or were its own. The same in every process and version.
 */

/** FNV-1a of a key. */
export function hashOfKey(key: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < key.length; at++) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x0100_0193);
  }
  return hash;
}

/**
 * The number of a place for a key, 0 to 2³² − 1.
 * @param keyHash of `hashOfKey`
 * @param place 32 bits that stand for it
 */
export function hashWithPlace(keyHash: number, place: number): number {
  return mixed(keyHash ^ Math.imul(place, 0x9e37_79b1));
}

/** The last steps of MurmurHash3: each bit of the result depends on all of the input. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
