import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Plot, drawPlot, ticks } from '../../src/prove/plot.ts';

const plot: Plot = {
  title: 'Kills < calls & CDRs',
  subtitle: 'three edges',
  xLabel: 'seconds',
  marks: { name: 'an edge is killed', at: [3, 6] },
  panels: [
    {
      label: 'CDRs',
      series: [
        {
          name: 'found',
          tone: 'green',
          points: [
            [0, 0],
            [10, 40],
          ],
        },
        {
          name: 'expected',
          tone: 'blue',
          isDashed: true,
          points: [
            [0, 0],
            [10, 50],
          ],
        },
      ],
    },
    {
      label: 'calls up',
      series: [
        {
          name: 'up',
          tone: 'orange',
          points: [
            [0, 0],
            [10, 7],
          ],
        },
      ],
    },
  ],
};

test('edge.md §9 a plot has a title, labelled axes, a line for each series and a mark for each kill', () => {
  const svg = drawPlot(plot);
  assert.ok(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"'));
  for (const text of ['seconds', 'CDRs', 'calls up', 'found', 'expected', 'an edge is killed']) {
    assert.ok(svg.includes(`>${text}</text>`), text);
  }
  assert.ok(svg.includes('Kills &lt; calls &amp; CDRs'));
  assert.equal(svg.match(/class="s (green|blue|orange)"/g)?.length, 5);
  assert.equal(svg.match(/M[\d.]+ 84V/g)?.length, 2);
});

test('edge.md §9 a plot can be read on light and on dark backgrounds', () => {
  const svg = drawPlot(plot);
  assert.match(svg, /\.p\{fill:#fff\}/);
  assert.match(svg, /prefers-color-scheme:dark\)\{[^}]*\}\.p\{fill:#0d1117\}/);
});

test('edge.md §9 axes are marked with round numbers up to the largest value', () => {
  assert.deepEqual(ticks(95, 8), [0, 20, 40, 60, 80]);
  assert.deepEqual(ticks(3600, 4), [0, 1000, 2000, 3000]);
  assert.deepEqual(ticks(1, 4), [0, 1]);
});

test('edge.md §9 a plot of nothing is still a picture', () => {
  const empty = drawPlot({ ...plot, marks: { name: '', at: [] }, panels: [] });
  assert.ok(empty.includes('</svg>'));
  assert.ok(!empty.includes('NaN'));
});
