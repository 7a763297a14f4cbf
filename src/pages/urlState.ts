/** What is selected stands in the address, so that a link shows a colleague the same thing. */
import { useCallback } from 'react';
import { useLocation, useNavigate } from 'react-router';

/** Undefined or an empty string takes a key out; `replace` leaves no step to go back to. */
export type SetUrlState = (changes: Record<string, string | undefined>, options?: { replace?: boolean }) => void;

export function useUrlState(): [URLSearchParams, SetUrlState] {
  const { search, pathname } = useLocation();
  const navigate = useNavigate();
  const set = useCallback<SetUrlState>(
    (changes, options) => {
      // Other parameters (orgId, kiosk, …) are Grafana's and stay.
      const next = new URLSearchParams(search);
      for (const [key, value] of Object.entries(changes)) {
        if (value) {
          next.set(key, value);
        } else {
          next.delete(key);
        }
      }
      navigate({ pathname, search: next.toString() }, { replace: options?.replace });
    },
    [navigate, pathname, search]
  );
  return [new URLSearchParams(search), set];
}
