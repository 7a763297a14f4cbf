/** What Grafana loads first: as little as can be. The pages and their words come when one is opened. */
import React, { lazy, Suspense } from 'react';
import { AppPlugin, type AppPluginMeta, type AppRootProps, type PluginConfigPageProps } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import { loadWords } from './locales/index.ts';
import type { AppSettings } from './data/index.ts';

type SettingsProps = PluginConfigPageProps<AppPluginMeta<AppSettings>>;

const App = lazy(async () => {
  const [pages] = await Promise.all([import('./pages/index.ts'), loadWords()]);
  return { default: pages.App };
});

const Settings = lazy(async () => {
  const [page] = await Promise.all([import('./pages/settings/SettingsPage.tsx'), loadWords()]);
  return { default: page.SettingsPage };
});

const Root = (props: AppRootProps<AppSettings>) => (
  <Suspense fallback={<LoadingPlaceholder text="" />}>
    <App {...props} />
  </Suspense>
);

const SettingsRoot = (props: SettingsProps) => (
  <Suspense fallback={<LoadingPlaceholder text="" />}>
    <Settings {...props} />
  </Suspense>
);

export const plugin = new AppPlugin<AppSettings>().setRootPage(Root).addConfigPage({
  title: 'Settings',
  icon: 'cog',
  id: 'settings',
  body: SettingsRoot,
});
