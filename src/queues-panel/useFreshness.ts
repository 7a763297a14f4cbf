import { useEffect, useState } from 'react';

/** A stream of one row a second that brought none for this long is said to have stopped. */
const QUIET_AFTER_MS = 4_000;

/**
 * How long ago the newest sample came, by this browser's clock alone: the sidecar's may differ from it.
 * Renders again only once it is late, so that a living stream costs nothing here.
 */
export function useFreshness(newest: number): { live: boolean; ageMs: number } {
  const [quiet, setQuiet] = useState({ newest, ageMs: 0 });
  useEffect(() => {
    const seenAt = Date.now();
    const timer = setInterval(() => {
      const ageMs = Date.now() - seenAt;
      if (ageMs > QUIET_AFTER_MS) {
        setQuiet({ newest, ageMs });
      }
    }, 1000);
    return () => clearInterval(timer);
  }, [newest]);
  const ageMs = quiet.newest === newest ? quiet.ageMs : 0;
  return { live: ageMs === 0, ageMs };
}
