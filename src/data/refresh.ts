/** How often the pages ask again, in milliseconds: verdicts are given every 5 s, so asking more often shows nothing new. */
export const LIVE = 5_000;
/** While somebody waits for the end of what he began. */
export const WATCHED = 1_000;
export const CALM = 15_000;
