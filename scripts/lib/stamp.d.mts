export function hashOf(root: string, places: string[], keep?: (file: string) => boolean): string;
export function stamps(folder: string): {
  get(product: string): string | null;
  set(product: string, stamp: string): void;
};
