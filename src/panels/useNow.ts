import { useEffect, useState } from 'react';

/** The time of day, moving on by itself so that "for 3 min" and "12 s old" stay true between two results. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
