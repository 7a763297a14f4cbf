/** The app's settings in Grafana: which datasource leads to the sidecar. */
import { getBackendSrv } from '@grafana/runtime';
import { useMutation } from '@tanstack/react-query';
import { lastValueFrom } from 'rxjs';
import { APP_ID } from '../constants.ts';
import { asProblem, type ProblemError } from './problem.ts';

export interface AppSettings {
  datasourceUid?: string;
}

export function useSaveSettings() {
  return useMutation<void, ProblemError, { enabled: boolean; pinned: boolean; jsonData: AppSettings }>({
    mutationFn: async (settings) => {
      try {
        await lastValueFrom(
          getBackendSrv().fetch({
            url: `/api/plugins/${APP_ID}/settings`,
            method: 'POST',
            data: settings,
            showErrorAlert: false,
          })
        );
      } catch (error) {
        throw asProblem(error);
      }
    },
  });
}
