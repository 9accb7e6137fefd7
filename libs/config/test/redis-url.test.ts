import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRedisUrl } from '../src/index.ts';
import type { RedisPlace } from '../src/index.ts';

const nobody = {
  name: '',
  database: 0,
  username: undefined,
  password: undefined,
  sentinelUsername: undefined,
  sentinelPassword: undefined,
  isTls: false,
};

const right: readonly [url: string, place: RedisPlace][] = [
  [
    'redis://127.0.0.1',
    { ...nobody, kind: 'alone', addresses: [{ host: '127.0.0.1', port: 6379 }] },
  ],
  [
    'rediss://user:p%40ss@redis.example:6380/3',
    {
      ...nobody,
      kind: 'alone',
      addresses: [{ host: 'redis.example', port: 6380 }],
      database: 3,
      username: 'user',
      password: 'p@ss',
      isTls: true,
    },
  ],
  [
    'redis+sentinel://:secret@s1,s2:26380/main/2?sentinelUser=u&sentinelPassword=p%26',
    {
      ...nobody,
      kind: 'sentinel',
      addresses: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_380 },
      ],
      name: 'main',
      database: 2,
      password: 'secret',
      sentinelUsername: 'u',
      sentinelPassword: 'p&',
    },
  ],
  [
    'rediss+cluster://n1:7001,[::1]:7002',
    {
      ...nobody,
      kind: 'cluster',
      addresses: [
        { host: 'n1', port: 7001 },
        { host: '::1', port: 7002 },
      ],
      isTls: true,
    },
  ],
];

for (const [url, place] of right) {
  test(`OPS-05 the URL ${url} says where Redis is`, () => {
    assert.deepEqual(parseRedisUrl(url), place);
  });
}

const wrong: readonly [url: string, what: RegExp][] = [
  ['http://127.0.0.1', /write a URL such as redis:\/\/127\.0\.0\.1:6379, redis\+sentinel/],
  ['redis://', /write a URL such as/],
  ['redis://a:1,b:2', /several addresses need sentinels or a cluster/],
  ['redis://a:port', /"a:port" is no host and port/],
  ['redis://a:1/main', /"\/main" is wrong/],
  ['redis+sentinel://a:1', /what the sentinels call the primary/],
  ['redis+sentinel://a:1/main/x', /after the name comes at most the number of a database/],
  ['redis+cluster://a:1/3', /database 0 alone/],
  ['redis://:%zz@a:1', /percent signs/],
  ['redis+sentinel://a:1/main?master=b', /"master" is not known/],
  ['redis://a:1?sentinelPassword=p', /"sentinelPassword" is not known/],
];

for (const [url, what] of wrong) {
  test(`OPS-05 the URL ${url} is refused with what is right`, () => {
    const said = parseRedisUrl(url);
    assert.ok(typeof said === 'string');
    assert.match(said, what);
  });
}
