/** Reads the English words out of the source: every `t('key', 'text')` and `<Trans i18nKey="key">text</Trans>`. Used by tests only. */
import ts from 'typescript';

export type Words = Record<string, string>;

export function wordsIn(fileName: string, source: string): Words {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const words: Words = {};
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
      Object.assign(words, wordsOfCall(node));
    }
    if (ts.isJsxElement(node) && node.openingElement.tagName.getText() === 'Trans') {
      const key = attribute(node.openingElement, 'i18nKey');
      if (key) {
        words[key] = textOf(node.children);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return words;
}

function wordsOfCall({ arguments: [key, text, options] }: ts.CallExpression): Words {
  if (!key || !ts.isStringLiteralLike(key) || !text || !ts.isStringLiteralLike(text)) {
    throw new Error(`t() with a key or text that is not written out: ${key?.parent.getText()}`);
  }
  if (text.text) {
    return { [key.text]: text.text };
  }
  // Plural forms stand beside an empty text, as defaultValue_one, defaultValue_other.
  const forms = options && ts.isObjectLiteralExpression(options) ? options.properties : [];
  return Object.fromEntries(
    forms.flatMap((form) => {
      const name = form.name?.getText() ?? '';
      return ts.isPropertyAssignment(form) &&
        name.startsWith('defaultValue_') &&
        ts.isStringLiteralLike(form.initializer)
        ? [[`${key.text}${name.slice('defaultValue'.length)}`, form.initializer.text]]
        : [];
    })
  );
}

function attribute(element: ts.JsxOpeningElement, name: string): string | undefined {
  const found = element.attributes.properties.find((property) => property.name?.getText() === name);
  const value = found && ts.isJsxAttribute(found) ? found.initializer : undefined;
  return value && ts.isStringLiteral(value) ? value.text : undefined;
}

/** As react-i18next counts children: elements are numbered by their place, simple ones keep their name. */
function textOf(children: ts.NodeArray<ts.JsxChild>): string {
  const kept = children.flatMap((child): Array<string | ts.JsxElement> => {
    if (ts.isJsxText(child)) {
      const text = jsxText(child.text);
      return text ? [text] : [];
    }
    if (ts.isJsxExpression(child) && child.expression) {
      return [
        ts.isStringLiteralLike(child.expression)
          ? child.expression.text
          : `{{${child.expression.getText().replace(/[{}\s]/g, '')}}}`,
      ];
    }
    return ts.isJsxElement(child) ? [child] : [];
  });
  return kept
    .map((child, place) => {
      if (typeof child === 'string') {
        return child;
      }
      const tag = child.openingElement.tagName.getText();
      const name =
        ['strong', 'i', 'p'].includes(tag) && child.openingElement.attributes.properties.length === 0
          ? tag
          : String(place);
      return `<${name}>${textOf(child.children)}</${name}>`;
    })
    .join('');
}

/** JSX drops line breaks with the blanks around them; a line's own blanks stay. */
const jsxText = (text: string): string => {
  const lines = text.split('\n');
  return lines
    .map((line, place) => {
      const start = place === 0 ? line : line.trimStart();
      return place === lines.length - 1 ? start : start.trimEnd();
    })
    .filter(Boolean)
    .join(' ');
};

/** `{ 'a.b': 'x' }` as `{ a: { b: 'x' } }`, sorted: i18next reads a dot as a step down. */
export function nested(words: Words): object {
  const root: Record<string, unknown> = {};
  for (const key of Object.keys(words).sort()) {
    const steps = key.split('.');
    const last = steps.pop() ?? key;
    let level = root;
    for (const step of steps) {
      const next = (level[step] ??= {});
      if (typeof next !== 'object' || next === null) {
        throw new Error(`${key}: ${step} is a text and cannot hold texts`);
      }
      level = next as Record<string, unknown>;
    }
    if (typeof level[last] === 'object') {
      throw new Error(`${key} holds texts and cannot be one`);
    }
    level[last] = words[key];
  }
  return root;
}
