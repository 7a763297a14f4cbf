/** The two sides of an interface: "wan0" is what leaves by it, "wan0:ingress" what it receives. No interface's name has a colon. */
const INGRESS = ':ingress';

export type Direction = 'egress' | 'ingress';
export interface Side {
  interface: string;
  direction: Direction;
}

/** The name under which an engine, a lock and a journal know a side. */
export const sideName = (device: string, direction: Direction): string =>
  direction === 'ingress' && device !== '' ? `${device}${INGRESS}` : device;

export const sideOf = (name: string): Side =>
  name.endsWith(INGRESS)
    ? { interface: name.slice(0, -INGRESS.length), direction: 'ingress' }
    : { interface: name, direction: 'egress' };

/** As a person calls it. */
export const sideWords = (name: string): string => {
  const side = sideOf(name);
  return side.direction === 'ingress' ? `${side.interface} (ingress)` : name;
};
