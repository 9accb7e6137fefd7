const WIDTH = 30;

/** A line that takes the place of the one before: `[=====>    ]  50 %  5000 of 10000`; the last one stays. */
export function progressBar(done: number, of: number): string {
  const share = of === 0 ? 1 : Math.min(1, done / of);
  const filled = Math.round(share * WIDTH);
  const bar = '='.repeat(filled).padEnd(WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `\r[${bar}] ${percent} %  ${String(done)} of ${String(of)}${done >= of ? '\n' : ''}`;
}
