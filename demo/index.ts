/** A branch, a provider's hop and a data centre in network namespaces, with voice, video and bulk traffic that can be switched. */
export { Demo, type DemoOptions, type DemoNetwork } from './demo.ts';
export { documentFiles } from './documents.ts';
export { AlreadyRunning } from './leftovers.ts';
export { NotPermitted } from './privilege.ts';
export { ADDRESSES, DEFAULT_PREFIX, namespacesOf, REFLECTOR_PORT, type Namespaces, type Site } from './topology.ts';
