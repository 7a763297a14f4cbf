/** What is measured with: policies of eight classes as a provider's edge has them, and one of thousands. */

const BY_DSCP = {
  voice: 'ef',
  video: 'af41',
  signalling: 'cs3',
  control: 'cs6',
  gold: 'af31',
  silver: 'af21',
  bulk: 'cs1',
};

export const CLASSES = Object.keys(BY_DSCP).length + 1;

const policy = (name: string, bandwidth: string, classes: unknown[]): string =>
  JSON.stringify({ apiVersion: 'clearpath/v1', kind: 'Policy', metadata: { name }, spec: { bandwidth, classes } });

/** One strict, six by DSCP, one default. @param videoCeiling what the edit of one class changes */
export const edge = (mbit: number, videoCeiling = '100%'): string =>
  policy(`edge-${mbit}`, `${mbit}mbit`, [
    ...Object.entries(BY_DSCP).map(([name, dscp]) => ({
      name,
      match: [{ dscp: [dscp] }],
      guarantee: '10%',
      ...(name === 'voice' ? { strict: true } : {}),
      ...(name === 'video' ? { ceiling: videoCeiling } : {}),
    })),
    { name: 'default', default: true, guarantee: '20%' },
  ]);

/** One flat tree, a class for each host. */
export const hosts = (classes: number): string =>
  policy('hosts', '10gbit', [
    ...Array.from({ length: classes - 1 }, (_, index) => ({
      name: `host-${index}`,
      match: [{ destination: `10.0.${index >> 8}.${index & 255}` }],
      guarantee: '1mbit',
    })),
    { name: 'default', default: true, guarantee: '1mbit' },
  ]);

/** A rule for each port, in turns for two classes; a list of ports holds a thousand at most. */
export function ports(first: number, rules: number): string {
  const every = (from: number) => Array.from({ length: rules / 4 }, (_, index) => from + 2 * index);
  const match = (from: number) =>
    [from, from + rules / 2].map((each) => ({ ipVersion: 4, protocol: 'udp', destinationPorts: every(each) }));
  return policy('ports', '10gbit', [
    { name: 'odd', guarantee: '1mbit', match: match(first) },
    { name: 'even', guarantee: '1mbit', match: match(first + 1) },
    { name: 'rest', default: true },
  ]);
}
