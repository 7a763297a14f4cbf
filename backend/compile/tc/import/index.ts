/** A tree as read from the kernel, ours or another's, as the policy that says the same; what it cannot say is remarked on. */
export { ImportError, type Hook, type Imported, type ImportOptions, type Remark, type RemarkKind } from './model.ts';
export { carrierIn, importReceived } from './received.ts';
export { identitiesIn } from './identities.ts';
export { importTree } from './tree.ts';
