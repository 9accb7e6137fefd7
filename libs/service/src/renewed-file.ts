import { readFileSync } from 'node:fs';

/**
 * A file that is read again at each call, so that what is written into it is in use with the next one; while it cannot be
 * read, what it held before.
 * @throws the file system's error where it cannot be read now
 */
export function renewedFile(path: string): () => Buffer {
  let content = readFileSync(path);
  return () => {
    try {
      content = readFileSync(path);
    } catch {
      // A Secret that is being replaced may be gone for a moment.
    }
    return content;
  };
}
