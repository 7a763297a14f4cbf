/** Who calls and what he may: two kinds of token, three roles. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Role, type Caller } from './contract.ts';
import { ProblemError } from './problem.ts';

export interface Token {
  value: string;
  /** `bridge` speaks for a Grafana user; `direct` is a program with a role of its own. */
  kind: 'bridge' | 'direct';
  tenant: string;
  role: Role;
  login: string;
}
export type Right = Caller['can'][number];

const RANK: Record<Role, number> = { Viewer: 0, Editor: 1, Admin: 2 };
const NEEDS: Record<Right, Role> = {
  read: 'Viewer',
  draft: 'Editor',
  plan: 'Editor',
  prove: 'Editor',
  // A Binding with a schedule, or one that is put back by itself, acts without anybody's apply: to save one is as much.
  bind: 'Admin',
  apply: 'Admin',
  rollback: 'Admin',
};
/** What changes something needs a person, or a program with a name. */
const WRITES: readonly Right[] = ['draft', 'prove', 'bind', 'apply', 'rollback'];

export interface Identity {
  login: string | null;
  role: Role;
  tenant: string;
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const header = (request: FastifyRequest, name: string) => {
  const value = request.headers[name];
  // Node reads header bytes as latin1; Grafana's logins are UTF-8.
  return typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : undefined;
};

/** @throws ProblemError 401 without a known token, 403 for a role that Grafana gives no rights. */
export function identify(request: FastifyRequest, tokens: readonly Token[]): Identity {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const token =
    given === undefined ? undefined : tokens.find((known) => timingSafeEqual(digest(known.value), digest(given)));
  if (!token) {
    throw new ProblemError(
      401,
      'CP-TOKEN',
      'Not authorised',
      given
        ? 'The token is not known here; nothing was done. Give the datasource the token of this sidecar.'
        : 'A token is needed: Authorization: Bearer ….'
    );
  }
  if (token.kind === 'direct') {
    return { login: token.login, role: token.role, tenant: token.tenant };
  }
  const role = Role.safeParse(header(request, 'x-clearpath-role') ?? 'Viewer');
  if (!role.success) {
    throw new ProblemError(
      403,
      'CP-ROLE',
      'No rights',
      'Your role in Grafana gives no access to Clearpath. Ask a Grafana administrator for the role Viewer or more.'
    );
  }
  return { login: header(request, 'x-clearpath-login') || null, role: role.data, tenant: token.tenant };
}

const may = (identity: Identity, right: Right) =>
  RANK[identity.role] >= RANK[NEEDS[right]] && (identity.login !== null || !WRITES.includes(right));

export const rightsOf = (identity: Identity): Right[] =>
  (Object.keys(NEEDS) as Right[]).filter((right) => may(identity, right));

/** @throws ProblemError 403 that names the role that is needed */
export function requireRight(identity: Identity, right: Right): void {
  if (may(identity, right)) {
    return;
  }
  const reason =
    identity.login === null && WRITES.includes(right)
      ? 'it needs a signed-in user, so that the audit can say who did it'
      : `it needs the role ${NEEDS[right]}, and yours is ${identity.role}`;
  throw new ProblemError(403, 'CP-RIGHTS', 'Not allowed', `You may not do this: ${reason}. Nothing was changed.`);
}
