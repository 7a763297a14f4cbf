/** Why a policy could not be proved here: that says nothing about the policy. */
export class ProofFailure extends Error {}
