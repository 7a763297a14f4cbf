import { useEffect, useRef, useState } from 'react';

/** A stream of one row a second that brought none for this long is said to have stopped. */
const QUIET_AFTER_MS = 4_000;

/**
 * How long ago the newest sample changed, by this browser's clock alone: the sidecar's may differ from it.
 * Renders again only when the answer does, so that a living stream costs nothing here.
 */
export function useFreshness(newest: number): { live: boolean; ageMs: number } {
  const seen = useRef({ newest, at: Date.now() });
  const [ageMs, setAge] = useState(0);
  if (seen.current.newest !== newest) {
    seen.current = { newest, at: Date.now() };
  }
  useEffect(() => {
    const timer = setInterval(() => {
      const age = Date.now() - seen.current.at;
      setAge(age > QUIET_AFTER_MS ? age : 0);
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  return { live: ageMs === 0, ageMs };
}
