/** Stands in for `react/jsx-runtime` in bundled libraries (see webpack.config.ts for why). */
import { createElement, Fragment, type ElementType, type Key, type ReactNode } from 'react';

type Props = Record<string, unknown> & { children?: ReactNode };

export function jsx(type: ElementType, props: Props, key?: Key) {
  return createElement(type, key === undefined ? props : { ...props, key });
}

/** Several children written out in the source: spread, so that React does not ask them for keys. */
export function jsxs(type: ElementType, { children, ...props }: Props, key?: Key) {
  const list = Array.isArray(children) ? children : [children];
  return createElement(type, key === undefined ? props : { ...props, key }, ...list);
}

export const jsxDEV = (type: ElementType, props: Props, key: Key | undefined, isStatic: boolean) =>
  isStatic ? jsxs(type, props, key) : jsx(type, props, key);

export { Fragment };
