/** Extends create-plugin's unedited webpack configuration in `.config/`. */
import path from 'path';
import CopyWebpackPlugin from 'copy-webpack-plugin';
import type { Configuration } from 'webpack';
import grafanaConfig, { type Env } from './.config/webpack/webpack.config';

const root = process.cwd();

/**
 * `react/jsx-runtime` is Grafana's to give only from 11.6.11, 12.0.10, 12.1.7 and 12.2.5, and bundling React 18's own
 * breaks under React 19. Our code uses the classic transform; libraries that ask for the runtime get a few lines over
 * `React.createElement`, which every Grafana shares.
 */
const jsxRuntime = ['react/jsx-runtime', 'react/jsx-dev-runtime'];

export default async function config(env: Env): Promise<Configuration> {
  const base = await grafanaConfig(env);
  const externals = Array.isArray(base.externals) ? base.externals : [];
  const shim = path.resolve(root, 'src/jsxRuntime.ts');

  return {
    ...base,
    externals: externals.filter((external) => typeof external !== 'string' || !jsxRuntime.includes(external)),
    resolve: { ...base.resolve, alias: Object.fromEntries(jsxRuntime.map((name) => [`${name}$`, shim])) },
    plugins: [
      ...(base.plugins ?? []),
      new CopyWebpackPlugin({
        patterns: [
          // create-plugin copies the logos of the outer manifest only.
          { from: '**/img/**/*.svg', to: '.' },
          // The README's pictures lie beside it in dist/, without the src/ of the repository.
          {
            from: '../README.md',
            to: 'README.md',
            force: true,
            transform: (text: Buffer) => text.toString().replaceAll('](src/img/', '](img/'),
          },
          { from: '../dashboards/*.json', to: 'dashboards/[name][ext]', noErrorOnMissing: true },
        ],
      }),
    ],
    // The page is bundled with its libraries once; Grafana caches it. The default 244 KiB warning is for public sites.
    performance: { hints: false },
  };
}
