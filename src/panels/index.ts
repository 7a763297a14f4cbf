/** What both panels draw with: lines small enough for a table cell, a clock, and what is drawn instead of figures. */
export { paths, type Point } from './line.ts';
export { PanelNotice, PanelSkeleton } from './PanelNotice.tsx';
export { messageOf, noticeOf, type Notice } from './notice.ts';
export { useNow } from './useNow.ts';
