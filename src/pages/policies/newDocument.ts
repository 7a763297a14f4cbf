/** The text that a new policy starts with. Pure. */

/** The least that is a policy: what routers and the network itself need, and everything else. */
export const blank = (name: string): string => `apiVersion: clearpath/v1
kind: Policy
metadata:
  name: ${name}
spec:
  bandwidth: 20mbit # just below what the link really carries, so that the queue is ours
  classes:
    - name: control # routing protocols and other control traffic: first, and never left without a share
      match: [{ dscp: [cs6, cs7] }]
      priority: 6
      guarantee: 5%
    - name: default
      default: true
      guarantee: 95%
`;

/** @param source of a template, whose own name stands in its second level alone */
export const named = (source: string, name: string): string =>
  source.replace(/^(metadata:\n {2}name: )\S+$/m, (_, head: string) => head + name);
