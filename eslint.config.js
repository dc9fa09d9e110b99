import { defineConfig, globalIgnores } from 'eslint/config';
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { layerRule } from './scripts/lint/layer-rule.ts';
import svelteConfig from './svelte.config.js';

const root = import.meta.dirname;
const types = ['**/*.ts'];
const window = ['renderer/**/*.ts', 'renderer/**/*.svelte', 'resources/offline-reader/*.js'];
const components = ['**/*.svelte', '**/*.svelte.ts'];

export default defineConfig(
  globalIgnores(['dist/', '.cache/', 'release/', 'test-results/', 'playwright-report/', 'verisim-demo/', 'models/']),
  // A rule that is wrong is changed here for everyone, not switched off in a comment.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  ts.configs.recommended,
  svelte.configs.recommended,
  {
    languageOptions: { globals: globals.node },
    plugins: { verisim: { rules: { layers: layerRule } } },
    rules: {
      'verisim/layers': ['error', root],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // File formats hold control characters.
      'no-control-regex': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 4 }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  { files: ['main/**', 'preload/**', 'renderer/**'], ignores: ['main/cli/**'], rules: { 'no-console': 'error' } },
  {
    files: ['main/**', 'preload/**', 'renderer/**', 'scripts/**'],
    rules: {
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' }],
    },
  },
  {
    files: types,
    ignores: ['**/*.svelte.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
    },
  },
  // Playwright reads a fixture's needs from its first parameter, so `{}` means none.
  { files: ['tests/e2e/**'], rules: { 'no-empty-pattern': 'off' } },
  { files: window, languageOptions: { globals: { ...globals.browser } } },
  { files: components, languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } } },
);
