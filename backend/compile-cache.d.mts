export function compileCache(
  env?: Readonly<Record<string, string | undefined>>,
  uid?: number
): { NODE_COMPILE_CACHE?: string };
