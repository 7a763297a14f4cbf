/** Which datasource leads to the sidecar, and the cache of what it answered. */
import React, { createContext, useContext, useState, type ReactNode } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { DEFAULT_DATASOURCE_UID } from '../constants.ts';

const DatasourceUid = createContext(DEFAULT_DATASOURCE_UID);
export const useDatasourceUid = () => useContext(DatasourceUid);

const newClient = () =>
  new QueryClient({
    defaultOptions: {
      // A failure is shown at once and the next poll tries again: silent retries would leave an operator looking at old numbers.
      queries: { retry: false, staleTime: 2_000, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });

export function SidecarProvider({ uid, children }: { uid?: string; children: ReactNode }) {
  const [client] = useState(newClient);
  return (
    <DatasourceUid.Provider value={uid || DEFAULT_DATASOURCE_UID}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </DatasourceUid.Provider>
  );
}
