export const ARCHITECTURES: string[];
export function architectureHere(): string;
export function bridgeManifest(root: string): { folder: string; executable: string };
export function bridgeIsBuilt(root: string, home: string, architecture?: string): boolean;
export function pluginIsBuilt(root: string, home: string): boolean;
export function buildBridge(root: string, home: string, architecture?: string): Promise<void>;
export function buildPlugin(root: string, home: string): Promise<void>;
export function trafficIsBuilt(root: string, home: string, architecture?: string): boolean;
export function buildTraffic(root: string, home: string, architecture?: string): Promise<void>;
