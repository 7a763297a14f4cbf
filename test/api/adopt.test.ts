/** What another hand changed on an interface, over the sidecar's API: told, and taken into the policy without saving it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adoption, Drift, Plan, PolicyDetail } from '../../backend/api/contract.ts';
import {
  bindingText,
  makeNamespace,
  namespaceMissing,
  removeState,
  startSidecar,
  targetText,
  type Sidecar,
} from '../../backend/daemon/testing.ts';

const POLICY = `apiVersion: clearpath/v1
kind: Policy
metadata: { name: branch }
spec:
  bandwidth: 10mbit # of the line
  variables: { cap: { type: rate, default: 9mbit } }
  classes:
    - { name: web, match: [{ protocol: tcp }], guarantee: 2mbit, ceiling: 8mbit } # agreed
    - { name: mail, match: [{ protocol: udp }], guarantee: 1mbit, ceiling: '\${cap}' }
    - { name: rest, default: true, guarantee: 5mbit }
`;

describe.skipIf(namespaceMissing)(
  `adopting over the API${namespaceMissing ? ` (skipped: ${namespaceMissing})` : ''}`,
  () => {
    let sidecar: Sidecar;
    let namespace: ReturnType<typeof makeNamespace>;
    beforeAll(async () => {
      namespace = makeNamespace();
      sidecar = await startSidecar({
        'policy.yaml': POLICY,
        'site.yaml': `${targetText('site', namespace.name)}---\n${bindingText('uplink', 'site')}`,
      });
      const { body: plan } = await ask<Plan>('POST', 'bindings/uplink/plan', {});
      await ask('POST', 'bindings/uplink/apply', { plan: plan.id });
    });
    afterAll(async () => {
      await sidecar?.close();
      namespace?.remove();
      if (sidecar) removeState(sidecar.state);
    });
    const ask = <T>(method: string, path: string, body?: unknown) =>
      sidecar.call<T>(method, `/api/v1/${path}`, sidecar.as('Admin'), body);
    const head = async () => (await ask<PolicyDetail>('GET', 'policies/branch')).body;
    const byHand = (minor: string, figures: string) => {
      const [line] = namespace.tc('-d', 'class', 'show', 'dev', 'lo').split('\n').filter((text) => text.includes(` 1:${minor} `)); // prettier-ignore
      const [burst, prio, quantum] = ['burst', 'prio', 'quantum'].map((word) => new RegExp(`${word} (\\d+)`).exec(line ?? '')?.[1]); // prettier-ignore
      namespace.tc(...`class change dev lo parent 1:1 classid 1:${minor} htb ${figures} burst ${burst} cburst ${burst} prio ${prio} quantum ${quantum}`.split(' ')); // prettier-ignore
    };

    it('has nothing to put in while the interface carries what was applied', async () => {
      const { body } = await ask<Adoption>('POST', 'bindings/uplink/adopt', {});
      expect(body).toEqual({ source: POLICY, adopted: [], left: [] });
    });

    it('gives the document with the live figures, saves nothing, and says why the rest stays out', async () => {
      byHand('10', 'rate 2mbit ceil 4mbit');
      byHand('11', 'rate 1mbit ceil 3mbit');
      const { body: drift } = await ask<Drift>('GET', 'bindings/uplink/drift');
      const { body } = await ask<Adoption>('POST', 'bindings/uplink/adopt', {});
      expect([...body.adopted, ...body.left].map(({ path }) => path).sort()).toEqual(
        drift.drifted.map(({ path }) => path).sort()
      );
      expect(body.source).toBe(POLICY.replace('ceiling: 8mbit', 'ceiling: 4mbit'));
      expect(body.left).toEqual([
        expect.objectContaining({
          path: 'spec.classes[1].ceiling',
          reason: expect.stringMatching(
            /^It is given by a variable \(\$\{cap\}\).*Binding or the default\.$/
          ) as string,
        }),
      ]);
      expect((await head()).source).toBe(POLICY);
    });

    it('edits the text that is open in a page, and leaves nothing to do once that is saved', async () => {
      byHand('11', 'rate 1mbit ceil 9mbit');
      const open = POLICY.replace('# agreed', '# being agreed');
      const { body } = await ask<Adoption>('POST', 'bindings/uplink/adopt', { source: open });
      expect([body.source, body.left]).toEqual([open.replace('ceiling: 8mbit', 'ceiling: 4mbit'), []]);
      const { revision } = await head();
      await ask('PUT', 'policies/branch', { source: body.source, baseRevision: revision });
      expect((await ask<Plan>('POST', 'bindings/uplink/plan', {})).body.operations).toEqual([]);
    });

    it('refuses a text that cannot be read, or that is another policy', async () => {
      const refused = async (source: string) => (await ask<{ code: string }>('POST', 'bindings/uplink/adopt', { source })).body.code; // prettier-ignore
      expect(await refused('a: [')).toBe('CP-FINDINGS');
      expect(await refused(POLICY.replace('name: branch', 'name: other'))).toBe('CP-NAME');
    });
  }
);
