import React from 'react';
import type { AppRootProps } from '@grafana/data';
import { Route, Routes } from 'react-router';
import { ErrorBoundaryAlert } from '@grafana/ui';
import { SidecarProvider, type AppSettings } from '../data/index.ts';
import { AuditPage } from './audit/AuditPage.tsx';
import { BindingPage } from './binding/BindingPage.tsx';
import { BindingsPage } from './bindings/BindingsPage.tsx';
import { OverviewPage } from './overview/OverviewPage.tsx';
import { PoliciesPage } from './policies/PoliciesPage.tsx';
import { PolicyPage } from './policy/PolicyPage.tsx';
import { TargetPage } from './target/TargetPage.tsx';

export function App({ meta }: AppRootProps<AppSettings>) {
  return (
    <ErrorBoundaryAlert style="page">
      <SidecarProvider uid={meta.jsonData?.datasourceUid}>
        <Routes>
          <Route path="policies" element={<PoliciesPage />} />
          <Route path="policies/:name" element={<PolicyPage />} />
          <Route path="bindings" element={<BindingsPage />} />
          <Route path="bindings/:name" element={<BindingPage />} />
          <Route path="targets/:name" element={<TargetPage />} />
          <Route path="audit" element={<AuditPage />} />
          <Route path="*" element={<OverviewPage />} />
        </Routes>
      </SidecarProvider>
    </ErrorBoundaryAlert>
  );
}
