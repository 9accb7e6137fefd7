import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** What a pure core must not import: whatever does I/O or reads a clock (ARCHITECTURE.md). */
const outsideWorld = [
  '@grpc/*',
  'fastify',
  'ioredis',
  'kafkajs',
  'pg',
  'pino',
  '@tandem/service',
  '@tandem/events',
  'node:child_process',
  'node:dgram',
  'node:fs',
  'node:fs/*',
  'node:http',
  'node:net',
  'node:timers',
  'node:timers/*',
  'node:tls',
  '**/adapters/*',
  '**/api/*',
  '**/resources/**',
];

const clocks = [
  { object: 'Date', property: 'now', message: 'The core gets the time as an argument.' },
  { object: 'performance', property: 'now', message: 'The core gets the time as an argument.' },
  { object: 'Math', property: 'random', message: 'The core gets randomness as an argument.' },
];

/** What holds everywhere of how code is written. */
const forms = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Named exports only: a name is the same everywhere.',
  },
  { selector: 'ExportAllDeclaration', message: 'A public face lists its names.' },
  { selector: 'TSEnumDeclaration', message: 'Use an `as const` object or a union.' },
  {
    selector: 'PropertyDefinition[accessibility="private"]',
    message: 'Private is #private.',
  },
];

/** The name of a transport says nothing but in the table of libs/sip/src/transport/transports.ts. */
const transportNames = {
  selector:
    'BinaryExpression[operator=/^[!=]==$/] > Literal[value=/^(udp|tcp|tls|wss?)$/i], SwitchCase > Literal[value=/^(udp|tcp|tls|wss?)$/i]',
  message: 'Ask the transport what it is (isReliable, isConnectionBound …), not what it is called.',
};

const MONEY = '/(price|pricePerMinute|amount|balance|overdraft|money|fee)$/i';

/** ADR 7: a float loses the last digit, and the ledger must add up to it. */
const floatMoney = [
  `CallExpression[callee.name=/^(Number|parseFloat|parseInt)$/] > Identifier.arguments[name=${MONEY}]`,
  `CallExpression[callee.name=/^(Number|parseFloat|parseInt)$/] > MemberExpression.arguments > Identifier.property[name=${MONEY}]`,
  `CallExpression[callee.property.name=/^parse(Float|Int)$/] > Identifier.arguments[name=${MONEY}]`,
  `:matches(TSPropertySignature, PropertyDefinition)[key.name=${MONEY}] > TSTypeAnnotation > TSNumberKeyword`,
  `Identifier[name=${MONEY}] > TSTypeAnnotation > TSNumberKeyword`,
].map((selector) => ({
  selector,
  message: 'Money is Nanos, a bigint of 1e-9 units, and decimal text outside: parseMoney reads it.',
}));

const bodies = [
  'MemberExpression[computed=false] > Identifier.property[name="body"]',
  'ObjectPattern > Property > Identifier.key[name="body"]',
].map((selector) => ({
  selector,
  message: 'Bodies pass between the legs by the body step alone: take what it gives (passedBody).',
}));

export default defineConfig(
  globalIgnores([
    '**/node_modules/',
    'libs/proto/src/gen/',
    'services/console/src/api/schema.gen.ts',
    'services/console/dist/',
    'coverage/',
    '.local/',
    '.tandem/',
  ]),
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './services/console/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'suite', 'describe', 'it'] },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/max-params': ['error', { max: 4 }],
      '@typescript-eslint/no-shadow': 'error',
      // A module of ours may be a value and a type of the same name, as ts-proto's messages are.
      '@typescript-eslint/no-redeclare': 'off',
      complexity: ['error', 15],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 4],
      'no-console': 'error',
      'no-implicit-coercion': 'error',
      'no-param-reassign': ['error', { props: false }],
      'no-restricted-syntax': ['error', ...forms],
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['services/*/src/core/**/*.ts', 'libs/sip/src/**/*.ts', 'libs/domain/src/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: outsideWorld }] }],
      'no-restricted-properties': ['error', ...clocks],
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'The core gets its settings as arguments.' },
        { name: 'setTimeout', message: 'Timers of the core are effects.' },
        { name: 'setInterval', message: 'Timers of the core are effects.' },
      ],
    },
  },
  {
    files: ['services/*/src/**/*.ts', 'libs/*/src/**/*.ts', 'e2e/src/distributor/**/*.ts'],
    ignores: ['libs/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...forms, ...floatMoney, transportNames] },
  },
  {
    files: ['services/edge/src/**/*.ts'],
    // These read a message, and the first hands its body to the body step.
    ignores: [
      'services/edge/src/core/messages/passing-body.ts',
      'services/edge/src/core/messages/refer.ts',
      'services/edge/src/core/call/authenticate-request.ts',
      'services/edge/src/core/call/sdp-codecs.ts',
    ],
    rules: {
      'no-restricted-syntax': ['error', ...forms, ...floatMoney, transportNames, ...bodies],
    },
  },
  {
    // The transport of libs/sip is the driver: the one place with sockets and timers.
    files: ['libs/sip/src/transport/**/*.ts'],
    rules: {
      'no-restricted-imports': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-globals': 'off',
    },
  },
  {
    files: ['**/test/**/*.ts', 'e2e/**/*.ts', 'benchmarks/**/*.ts', 'libs/testing/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  {
    files: ['services/console/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    // It is about the React Compiler, which is not used.
    rules: { 'react-hooks/incompatible-library': 'off' },
  },
  {
    // A script of the console as it is: it runs before anything is built.
    files: ['services/console/public/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'matchMedia', 'localStorage', 'addEventListener'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
  {
    // These speak to people.
    files: ['cli/**/*.ts', 'tools/**/*.ts', 'deploy/**/*.ts', 'benchmarks/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: {
        module: 'writable',
        AbortSignal: 'readonly',
        fetch: 'readonly',
        process: 'readonly',
        require: 'readonly',
        setTimeout: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
);
