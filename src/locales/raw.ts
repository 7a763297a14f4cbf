/**
 * For `t` with values: i18next escapes them for HTML ("19 Mbit&#x2F;s"), and React escapes by itself.
 * `Trans` does not need it.
 */
export const raw = { interpolation: { escapeValue: false } } as const;
