import { describe, expect, it } from 'vitest';
import { whyNotPermitted } from './privilege.ts';

const having = (values: Record<string, string>) => (name: string) => values[name] ?? null;

describe('a system that allows no user namespaces', () => {
  it('is told by the switch that forbids them, with the command that allows them', () => {
    const said = whyNotPermitted('unshare failed', having({ 'kernel.apparmor_restrict_unprivileged_userns': '1' }));
    expect(said).toContain('kernel.apparmor_restrict_unprivileged_userns is 1');
    expect(said).toContain('sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0');
    expect(said).toContain('Nothing was changed.');
  });

  it('is told to use root where no switch explains it, with what the system said', () => {
    const said = whyNotPermitted('Operation not permitted', having({ 'user.max_user_namespaces': '63000' }));
    expect(said).toContain('("Operation not permitted")');
    expect(said).toContain('Run it as root.');
  });
});
