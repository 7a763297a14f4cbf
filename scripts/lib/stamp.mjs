/** "Only when something changed": a hash of the files that go into a product, kept beside the product's name. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

function* filesBelow(place) {
  const found = statSync(place, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    for (const name of readdirSync(place).sort()) {
      if (name !== 'node_modules') {
        yield* filesBelow(path.join(place, name));
      }
    }
  } else if (found?.isFile()) {
    yield place;
  }
}

/** Hash of the names and contents of files and folders below `root`; one that does not exist counts as absent. */
export function hashOf(root, places, keep = () => true) {
  const hash = createHash('sha256');
  for (const place of places) {
    for (const file of filesBelow(path.join(root, place))) {
      if (keep(file)) {
        hash
          .update(`${path.relative(root, file)}\0`)
          .update(readFileSync(file))
          .update('\0');
      }
    }
  }
  return hash.digest('hex').slice(0, 32);
}

/** Stamps of one folder, by product. */
export function stamps(folder) {
  const file = path.join(folder, 'built.json');
  const read = () => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      return {};
    }
  };
  return {
    get: (product) => read()[product] ?? null,
    set(product, stamp) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, `${JSON.stringify({ ...read(), [product]: stamp }, null, 2)}\n`);
    },
  };
}
