/**
 * The line on which a class begins, by the names of its path, or undefined. A look at the text is enough for a jump: names are
 * unique within a policy, and a wrong guess moves a cursor, nothing more.
 */
export function lineOfClass(source: string, path: string): number | undefined {
  const name = path.split('/').at(-1) ?? '';
  const line = source
    .split('\n')
    .findIndex(
      (text) => new RegExp(`(^|[\\s{,-])name:\\s*['"]?${name}['"]?\\s*([,}#]|$)`).test(text) && !/metadata/.test(text)
    );
  return line < 0 ? undefined : line + 1;
}
