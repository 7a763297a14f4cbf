/**
 * A text that stands somewhere in another, in capital letters or not. The databases fold letters each in its own way
 * (SQLite those of ASCII, PostgreSQL by collation), so what is looked for names both forms of each of its letters.
 */
import { sql, type Expression, type Kysely, type SqlBool } from 'kysely';
import { isPostgres } from './dialect.ts';

/** The forms of a letter that are one character each, by Unicode's own mappings; Σ has two small ones. */
function formsOf(letter: string): string[] {
  const forms = [letter, letter.toLowerCase(), letter.toUpperCase()];
  return [...new Set([...forms, ...(forms.includes('Σ') ? 'σς' : '')])].filter((form) => [...form].length === 1);
}

const isAscii = (letter: string) => letter < '\u0080';

/** A regular expression of PostgreSQL. */
const asRegex = (part: string): string =>
  Array.from(part, (letter) => {
    const forms = formsOf(letter);
    return forms.length > 1 ? `[${forms.join('')}]` : letter.replace(/[!-/:-@[-`{-~]/, '\\$&');
  }).join('');

/** A pattern of SQLite's GLOB. */
const asGlob = (part: string): string =>
  `*${Array.from(part, (letter) => {
    const forms = formsOf(letter);
    return forms.length > 1 || /[*?[]/.test(letter) ? `[${forms.join('')}]` : letter;
  }).join('')}*`;

/** A pattern of SQLite's LIKE, which folds ASCII by itself and passes by what GLOB has to look at closely: eight times as fast. */
const asLike = (part: string): string =>
  `%${Array.from(part, (letter) => (isAscii(letter) ? letter.replace(/[!%_]/, '!$&') : '_')).join('')}%`;

/** @param part well-formed Unicode without U+0000 */
export function partOf(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
  column: Expression<unknown>,
  part: string
): Expression<SqlBool> {
  if (isPostgres(db)) {
    return sql<SqlBool>`${column} ~ ${asRegex(part)}`;
  }
  const like = sql<SqlBool>`${column} like ${asLike(part)} escape '!'`;
  return Array.from(part).every(isAscii) ? like : sql<SqlBool>`(${like} and ${column} glob ${asGlob(part)})`;
}
