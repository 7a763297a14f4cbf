/** What the language has and this version refuses, as the source says it, by the words of the language page's table. */
import { LATER_BINDING_KEYS, LATER_TARGET_KEYS } from '../../backend/policy/index.ts';

export const REFUSED: Record<string, readonly string[]> = {
  Target: LATER_TARGET_KEYS,
  Binding: LATER_BINDING_KEYS,
};
