/** The text that a new policy starts with. Pure. */

/** The least that is a policy: everything in one class. */
export const blank = (name: string): string => `apiVersion: clearpath/v1
kind: Policy
metadata:
  name: ${name}
spec:
  bandwidth: 20mbit # just below what the link really carries, so that the queue is ours
  classes:
    - name: default
      default: true
      guarantee: 100%
`;

/** @param source of a template, whose own name stands in its second level alone */
export const named = (source: string, name: string): string =>
  source.replace(/^(metadata:\n {2}name: )\S+$/m, (_, head: string) => head + name);
