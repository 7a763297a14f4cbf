/** The page of templates lists those there are, in their own words. */
import { expect, it } from 'vitest';
import { listTemplates } from '../../backend/templates/index.ts';
import { readPage, rows } from './pages.ts';

it('lists every template with its title and for whom it is', () => {
  const wanted = listTemplates().map(({ name, title, purpose }) => [
    `[\`${name}\`](../templates/${name}.yaml)`,
    title,
    purpose,
  ]);
  expect(rows(readPage('docs/templates.md'))).toEqual(wanted);
});
