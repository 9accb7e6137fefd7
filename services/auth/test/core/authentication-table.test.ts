import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holds, situations, ways } from '../authentication-table.ts';
import { Scene } from '../scene.ts';

const algorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const;

for (const name of Object.keys(situations)) {
  test(`AUTH-02 AUTH-04 AUTH-05 ${name}: the same comes of it by every method, mode, header, algorithm and qop`, async () => {
    assert.equal(ways.length, 243);
    for (const way of ways) {
      const scene = new Scene({ algorithms, parameters: { SS_AUTHCHALLENGEMODE: way.mode } });
      const pass = (ms: number): Promise<void> => {
        scene.clock.advance(ms);
        return Promise.resolve();
      };
      await holds({ asked: scene, answered: scene, pass }, name, way);
    }
  });
}
