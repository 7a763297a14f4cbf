/** clearpath audit: whether the audit still says what it said, and beginning it anew over what is there. */
import { stateDirectory, storeOptions } from '../daemon/settings.ts';
import { acceptAudit, openStore, type AuditState } from '../store/index.ts';
import { UsageError, type Call } from './arguments.ts';
import { actor, DONE, FINDINGS, result, TENANT, WRONG_USE, type Result } from './result.ts';

export async function auditCommand({ words: [what], yes }: Call): Promise<Result> {
  switch (what) {
    case 'verify':
      return verify();
    case 'accept':
      return accept(yes);
    default:
      throw new UsageError(`"audit" takes verify or accept, not "${what}".`);
  }
}

function sayState({ intact, entries, unsealed, verified, anchored, breaks }: AuditState): string {
  const before = unsealed > 0 ? `Entries 1 to ${unsealed} are of before this chain of seals began: they are as they were then.\n` : ''; // prettier-ignore
  const head = intact
    ? `Verified up to entry ${verified}: each of the ${entries} stands as it was written.\n`
    : `BROKEN. Verified up to entry ${verified} only:\n${breaks.map(({ message }) => `  ${message}\n`).join('')}`;
  const behind = intact && anchored !== null && anchored < verified ? `Entry ${verified} is not anchored yet, as after a crash; the next entry does that.\n` : ''; // prettier-ignore
  return head + before + behind;
}

async function verify(): Promise<Result> {
  const store = await openStore(stateDirectory(process.env), storeOptions(process.env));
  try {
    const state = await store.audit.verify();
    return result(state.intact ? DONE : FINDINGS, sayState(state), { ...state });
  } finally {
    await store.close();
  }
}

async function accept(yes: boolean): Promise<Result> {
  if (!yes) {
    const message =
      'Nothing was done. This gives up what the seals say of the entries so far: they are held as they are now, and the first entry of a new chain says what was wrong and who accepted it. Look with "clearpath audit verify" first; to do it, add --yes.';
    return result(WRONG_USE, `${message}\n`, { error: { code: 'CP-USAGE', message } });
  }
  const { login, role } = actor();
  const accepted = await acceptAudit(stateDirectory(process.env), storeOptions(process.env), { tenant: TENANT, by: login, role }); // prettier-ignore
  const text = accepted.length === 0 ? 'Nothing is wrong with the audit; nothing was done.\n' : `A new chain begins. Accepted:\n${accepted.map((message) => `  ${message}\n`).join('')}`; // prettier-ignore
  return result(DONE, text, { accepted });
}
