/** A policy of eight classes as a provider's edge has them: one strict, six by DSCP, one default. */

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

export const POLICY = JSON.stringify({
  apiVersion: 'clearpath/v1',
  kind: 'Policy',
  metadata: { name: 'eight-classes' },
  spec: {
    bandwidth: '100mbit',
    classes: [
      ...Object.entries(BY_DSCP).map(([name, dscp]) => ({
        name,
        match: [{ dscp: [dscp] }],
        guarantee: '10%',
        ...(name === 'voice' ? { strict: true } : {}),
      })),
      { name: 'default', default: true, guarantee: '20%' },
    ],
  },
});
