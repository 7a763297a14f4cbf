/** What the audit keeps outside the database: its key, and an anchor that says how far the chain had come. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The last entry that is known to stand: its number, and its seal. */
export interface Anchor {
  number: number;
  seal: string;
}

const isCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
}

/** On the disk before it has its name: after a crash there is the old file or the new one. */
function writeWhole(path: string, text: string, name: (from: string) => void): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    name(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

export class AuditFiles {
  readonly keyPath: string;
  readonly anchorPath: string;
  constructor(keyPath: string, anchorPath: string) {
    this.keyPath = keyPath;
    this.anchorPath = anchorPath;
  }

  /** 32 bytes; undefined when there is no file. @throws the system's error, or one that says that this is no key */
  key(): Buffer | undefined {
    const text = read(this.keyPath);
    if (text === undefined) {
      return undefined;
    }
    const key = Buffer.from(text.trim(), 'hex');
    if (key.length !== 32) {
      throw new Error('it holds no key (64 hexadecimal digits)');
    }
    return key;
  }

  /** Makes a key for its owner alone, unless another program was faster; then that one is the key. */
  makeKey(): Buffer {
    writeWhole(this.keyPath, `${randomBytes(32).toString('hex')}\n`, (draft) => {
      try {
        linkSync(draft, this.keyPath);
      } catch (error) {
        if (!isCode(error, 'EEXIST')) {
          throw error;
        }
      }
    });
    return this.key()!;
  }

  /** undefined when there is none, or none that can be read */
  anchor(): Anchor | undefined {
    const [, number, seal] = /^(\d{1,9}) ([0-9a-f]{64})\s*$/.exec(read(this.anchorPath) ?? '') ?? [];
    return seal === undefined ? undefined : { number: Number(number), seal };
  }

  writeAnchor({ number, seal }: Anchor): void {
    writeWhole(this.anchorPath, `${number} ${seal}\n`, (draft) => renameSync(draft, this.anchorPath));
  }
}
