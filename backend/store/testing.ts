/** For tests: file systems that can be full or read-only. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why a small file system cannot be mounted here, or null. */
export const mountMissing: string | null = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'clearpath-mount-'));
  const tried = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  if (tried.status === 0) {
    spawnSync('umount', [folder]);
  }
  rmdirSync(folder);
  return tried.status === 0 ? null : 'needs root to mount a small file system';
})();
