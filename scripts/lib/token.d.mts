export function bridgeToken(file: string): string;
