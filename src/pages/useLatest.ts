import { useLayoutEffect, useRef, type MutableRefObject } from 'react';

/** Today's value for callbacks that outlive the render they were made in: Monaco keeps those of its first. */
export function useLatest<T>(value: T): MutableRefObject<T> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
