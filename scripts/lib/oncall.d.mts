export function pages(notification: unknown): string[];
export function startOnCall(options: {
  print(line: string): void;
  port?: number;
  address?: string;
}): Promise<{ url: string; close(): Promise<void> }>;
