/** What a TypeScript file takes from elsewhere: its imports of every kind, and the globals that it touches. */
import ts from 'typescript';

export interface Import {
  /** As written; a specifier that is computed cannot be judged and is shown as it stands. */
  from: string;
  /** Erased before anything runs. */
  typesOnly: boolean;
  names: string[];
  line: number;
}

const parse = (path: string, text: string) =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, /x$/.test(path) ? ts.ScriptKind.TSX : ts.ScriptKind.TS);

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  node.forEachChild((child) => visit(child, see));
}

type Names = { types: boolean; names: string[] };

function imported(clause: ts.ImportClause | undefined): Names {
  const bindings = clause?.namedBindings;
  const named = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
  const whole = clause?.name !== undefined || (bindings !== undefined && ts.isNamespaceImport(bindings));
  const types = Boolean(clause?.isTypeOnly) || (!whole && named.length > 0 && named.every((item) => item.isTypeOnly));
  return { types, names: named.map((item) => (item.propertyName ?? item.name).text) };
}

function exported(node: ts.ExportDeclaration): Names {
  const named = node.exportClause && ts.isNamedExports(node.exportClause) ? [...node.exportClause.elements] : [];
  const types = node.isTypeOnly || (named.length > 0 && named.every((item) => item.isTypeOnly));
  return { types, names: named.map((item) => (item.propertyName ?? item.name).text) };
}

/** Imports, re-exports, `import()`, `import('…').Type` and `require()`. */
export function importsOf(path: string, text: string): Import[] {
  const source = parse(path, text);
  const found: Import[] = [];
  const add = (specifier: ts.Node, { types, names }: Names) =>
    found.push({
      from: ts.isStringLiteralLike(specifier) ? specifier.text : specifier.getText(source),
      typesOnly: types,
      names,
      line: source.getLineAndCharacterOfPosition(specifier.getStart(source)).line + 1,
    });
  visit(source, (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, imported(node.importClause));
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node.moduleSpecifier, exported(node));
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument, { types: true, names: [] });
    } else if (ts.isCallExpression(node) && node.arguments[0]) {
      const callee = node.expression;
      if (callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')) {
        add(node.arguments[0], { types: false, names: [] });
      }
    }
  });
  return found;
}

/** `fetch` in `fetch(…)` and `window.fetch(…)`, but not in `api.fetch(…)` or `{ fetch: 1 }`. */
const GLOBAL_OBJECTS = new Set(['globalThis', 'window', 'self', 'global']);

/** Uses of global names, e.g. `fetch` or `Date.now`, that the file does not declare itself. */
export function globalsOf(
  path: string,
  text: string,
  names: ReadonlySet<string>
): Array<{ name: string; line: number }> {
  const source = parse(path, text);
  const own = new Set<string>();
  visit(source, (node) => {
    const declares =
      ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isFunctionDeclaration(node) || ts.isImportSpecifier(node) ||
      ts.isImportClause(node) || ts.isBindingElement(node) || ts.isClassDeclaration(node); // prettier-ignore
    if (declares && node.name && ts.isIdentifier(node.name)) {
      own.add(node.name.text);
    }
  });
  const found: Array<{ name: string; line: number }> = [];
  const add = (name: string, node: ts.Node) => {
    if (names.has(name)) {
      found.push({ name, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 });
    }
  };
  visit(source, (node) => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && !own.has(node.expression.text)) {
      const holder = node.expression.text;
      add(GLOBAL_OBJECTS.has(holder) ? node.name.text : `${holder}.${node.name.text}`, node);
    }
    const { parent } = node;
    const isValue =
      ts.isIdentifier(node) &&
      !own.has(node.text) &&
      ((ts.isCallExpression(parent) && parent.expression === node) ||
        (ts.isNewExpression(parent) && parent.expression === node) ||
        (ts.isPropertyAccessExpression(parent) && parent.expression === node) ||
        (ts.isVariableDeclaration(parent) && parent.initializer === node) ||
        (ts.isCallExpression(parent) && parent.arguments.includes(node as ts.Expression)));
    if (isValue) {
      add(node.text, node);
    }
  });
  return found;
}
