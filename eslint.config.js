import { join } from 'node:path';
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';
import { elements, files, policies } from './tools/layers.js';

const tests = ['**/*.test.ts', '**/*Contract.ts', 'src/e2e/**', 'bench/**'];
const pure = ['core', 'findings', 'figures', 'exports', 'checkpoint'].map((folder) => `src/${folder}/**`);
/** What pure code may import from outside: small packages that run anywhere. */
const purePackages = [
  'zod',
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  '@noble/hashes',
  '@humanwhocodes/momoa',
  'hyparquet-writer',
  '@observablehq/plot',
  'pure-rand',
  're2js',
  'simple-statistics',
];
const notPure = `^(?!\\.{1,2}/|(?:${purePackages.join('|')})(?:/|$))`;

export default defineConfig(
  { ignores: ['dist/', '.cache/', 'coverage/', 'public/', 'models/', 'src/core/env.d.ts'] },
  // A rule that is wrong is changed here, for everyone; nobody switches one off in a file.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: './tsconfig.lint.json',
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  // Without types: each component would cost a TypeScript program of its own, and svelte-check has seen them.
  { files: ['**/*.svelte'], extends: [ts.configs.recommended] },
  svelte.configs.recommended,
  {
    files: ['**/*.svelte'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  // TypeScript's own parser reads runes; the other one would build a program for each file here too.
  { files: ['**/*.svelte.ts'], languageOptions: { parser: ts.parser } },
  {
    files: ['**/*.ts', '**/*.svelte'],
    rules: {
      // tsc and svelte-check report both, per environment.
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
      // A Map that only keeps the books is not state, and the rule cannot tell.
      'svelte/prefer-svelte-reactivity': 'off',
      // Runes are declared with let.
      'prefer-const': 'off',
    },
  },
  { files: ['**/*.js', '**/*.cjs'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.{ts,js,svelte}'],
    rules: {
      'max-lines': ['error', 250],
      'max-lines-per-function': ['error', 50],
      complexity: ['error', 10],
      eqeqeq: ['error', 'always'],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
    },
  },
  { files: ['**/*.svelte'], rules: { 'max-lines': ['error', 200] } },
  {
    files: tests,
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: pure,
    ignores: tests,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: notPure, message: 'Pure code imports pure code: no Svelte, Node, DOM or adapters.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,svelte}'],
    ignores: ['**/*.test.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { project: join(import.meta.dirname, 'tsconfig.lint.json') } },
      'boundaries/root-path': import.meta.dirname,
      'boundaries/elements': elements,
      'boundaries/files': files,
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': ['error', { default: 'disallow', policies }],
    },
  },
);
