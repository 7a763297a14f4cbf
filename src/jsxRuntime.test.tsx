import { render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { Fragment, jsx, jsxs } from './jsxRuntime.ts';

it('makes the elements that react/jsx-runtime would, without asking written-out children for keys', () => {
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
  render(
    jsxs('ul', {
      className: 'list',
      children: [jsx('li', { children: 'one' }), jsx(Fragment, { children: jsx('li', { children: 'two' }) }, 'k')],
    })
  );
  expect(screen.getByRole('list')).toHaveClass('list');
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual(['one', 'two']);
  expect(complaints).not.toHaveBeenCalled();
});
