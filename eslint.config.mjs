/** Extends create-plugin's unedited rules in `.config/`. */
import { defineConfig } from 'eslint/config';
import grafanaI18n from '@grafana/i18n/eslint-plugin';
import grafanaPluginConfig from './.config/eslint.config.mjs';

export default defineConfig([
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      '.config/',
      'coverage/',
      'test-results/',
      'playwright-report/',
      '.clearpath/',
    ],
  },
  ...grafanaPluginConfig,
  {
    files: ['**/*.{ts,tsx,mts,mjs}'],
    rules: {
      // Types are erased by Node when the sidecar runs: an import of a type that is not marked fails there.
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', prefer: 'type-imports' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      'no-console': 'error',
      // A zod schema and the type made from it share a name; tsc itself refuses a name that is declared twice.
      'no-redeclare': 'off',
      curly: ['error', 'multi-line'],
      'no-duplicate-imports': ['error', { allowSeparateTypeImports: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // There is no React outside of the page: a function called `use` is no hook there.
    files: ['**/*.{ts,mts,mjs}'],
    ignores: ['src/**'],
    rules: { 'react-hooks/rules-of-hooks': 'off' },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.{ts,tsx}', 'src/testing/**'],
    plugins: { '@grafana/i18n': grafanaI18n },
    rules: {
      '@grafana/i18n/no-untranslated-strings': ['error', { calleesToIgnore: ['^css$', 'use[A-Z].*'] }],
      '@grafana/i18n/no-translation-top-level': 'error',
      // What grafana/plugin-validator refuses in a published plugin.
      'no-alert': 'error',
      'no-restricted-globals': ['error', 'location', 'open'],
      'no-restricted-properties': [
        'error',
        { object: 'window', property: 'location', message: 'Use locationService of @grafana/runtime.' },
        { object: 'window', property: 'open', message: 'Use a link with rel="noopener noreferrer".' },
        { object: 'window', property: 'grafanaBootData', message: 'Use config of @grafana/runtime.' },
      ],
    },
  },
  {
    // The page reaches the sidecar in one place.
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/data/**', 'src/datasource/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@grafana/runtime',
              importNames: ['getBackendSrv'],
              message: 'Only src/data talks to the sidecar.',
            },
          ],
          patterns: [
            {
              group: ['**/backend/**'],
              message: 'The page takes types from the contract only.',
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
  {
    // Command lines and scripts speak to a terminal.
    files: ['backend/cli/**', 'bench/**', 'demo/**', 'scripts/**', '**/*.mjs', '**/*.test.{ts,tsx}'],
    rules: { 'no-console': 'off' },
  },
]);
