/** clearpathd: the sidecar as a process. Settings by environment; ends cleanly on SIGTERM and SIGINT. */
import { readFileSync } from 'node:fs';
import { readSettings, SettingsError, startDaemon } from './daemon/index.ts';
import { StoreError } from './store/index.ts';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

try {
  const daemon = await startDaemon(readSettings(process.env), version);
  process.stderr.write(`clearpathd ${version} listens on ${daemon.url}\n`);
  let closing = false;
  const end = () => {
    if (closing) {
      return;
    }
    closing = true;
    void daemon.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
} catch (error) {
  const known =
    error instanceof SettingsError ||
    error instanceof StoreError ||
    (error as NodeJS.ErrnoException).code !== undefined;
  process.stderr.write(`clearpathd did not start: ${known ? (error as Error).message : (error as Error).stack}\n`);
  process.exit(1);
}
