/** What a new policy starts from: sound, small, and with one example of each thing an operator will want next. */
export const template = (name: string): string => `apiVersion: clearpath/v1
kind: Policy
metadata:
  name: ${name}
  description: ''
spec:
  bandwidth: 20mbit # just below what the link really carries, so that the queue is ours
  classes:
    - name: voice
      match: [{ dscp: [ef, va] }]
      strict: true
      guarantee: 10%
      objective: { latency: { p95: 20ms }, loss: 0.1% }
    - name: video
      match: [{ dscp: [af41, af42, af43] }]
      priority: 5
      guarantee: 30%
      ceiling: 60%
    - name: default
      default: true
      guarantee: 50%
`;
