/** Progress for a person at a terminal, or for a log: one line each, colour only where a person looks. */
const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export const say = (text = '') => console.log(text);
export const heading = (text) => say(`\n${paint(1, text)}`);
export const done = (text) => say(`${paint(32, '✓')} ${text}`);
export const warn = (text) => say(`${paint(33, '!')} ${text}`);
export const fail = (text) => console.error(`${paint(31, '✗')} ${text}`);

/** What is going on; a terminal shows it until the next line, a log keeps it. */
export const busy = (text) => say(`${paint(2, '…')} ${text}`);

export const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
