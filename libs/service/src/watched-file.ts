import { readFile, stat } from 'node:fs/promises';
import type { Logger } from './logger.ts';

export interface WatchedFileOptions<T> {
  /** @default none: `otherwise` stands for it */
  readonly path: string | undefined;
  /** Throws where the content is none. */
  readonly read: (bytes: Buffer) => T;
  readonly otherwise: T;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** How long what was read is taken to be what is there. */
const LOOK_EVERY_MS = 10_000;

/** A file that operators replace while the service runs: read again when its time or size has changed. */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>;
  #content: T;
  #mark = '';
  #lookAtMs = 0;
  #looking: Promise<void> | undefined;

  constructor(options: WatchedFileOptions<T>) {
    this.#options = options;
    this.#content = options.otherwise;
  }

  /** What it holds; what it held before where it cannot be read now. Never rejects. */
  async content(): Promise<T> {
    const { now, path } = this.#options;
    if (path !== undefined && now() >= this.#lookAtMs) {
      this.#looking ??= this.#look(path).finally(() => {
        this.#looking = undefined;
        this.#lookAtMs = now() + LOOK_EVERY_MS;
      });
    }
    await this.#looking;
    return this.#content;
  }

  async #look(path: string): Promise<void> {
    const { logger, read } = this.#options;
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const mark = `${String(mtimeMs)} ${String(size)} ${String(ino)}`;
      if (mark === this.#mark) return;
      this.#content = read(await readFile(path));
      this.#mark = mark;
      logger.info({ path }, 'file read');
    } catch (error) {
      logger.warn({ err: error, path }, 'file cannot be read');
    }
  }
}
