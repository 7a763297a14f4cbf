import { describe, expect, it } from 'vitest';
import { drawingOf, tileParts, tiles } from './layout.ts';

describe('the wall', () => {
  it('gives eight objectives on a full-width panel figures for three metres', () => {
    const grid = tiles(1860, 330, 8);
    expect(grid.fits).toBe(true);
    expect(grid.columns).toBe(4);
    expect(grid.figure).toBeGreaterThanOrEqual(48);
  });

  it('never asks for more than the panel has while tiles fit', () => {
    for (const count of [1, 2, 3, 5, 8, 13, 24]) {
      const { columns, tileHeight, tileWidth, fits } = tiles(1200, 700, count);
      expect(fits).toBe(true);
      expect(Math.ceil(count / columns) * (tileHeight + 8) - 8).toBeLessThanOrEqual(700);
      expect(columns * (tileWidth + 8) - 8).toBeLessThanOrEqual(1200);
    }
  });

  it('scrolls rather than shrink below what holds a figure', () => {
    expect(tiles(600, 200, 60)).toMatchObject({ fits: false, tileHeight: 84 });
  });

  it('shows evidence before trend when a tile is low', () => {
    expect(tileParts({ columns: 1, tileWidth: 200, tileHeight: 120, figure: 30, fits: true }, true)).toMatchObject({
      foot: true,
    });
    expect(tileParts({ columns: 1, tileWidth: 460, tileHeight: 148, figure: 53, fits: true }, true).trend?.place).toBe(
      'beside'
    );
    expect(tileParts({ columns: 1, tileWidth: 300, tileHeight: 260, figure: 46, fits: true }, true).trend?.place).toBe(
      'below'
    );
  });
});

describe('the automatic density', () => {
  it.each([
    ['a wall', 1860, 340, [8], 'wall'],
    ['a table for many objectives', 1860, 340, [60], 'table'],
    ['a table when sites leave no room for tiles', 1860, 340, [8, 8, 8], 'table'],
    ['a line each in a corner', 260, 200, [8], 'compact'],
    ['a line each in a flat panel', 900, 90, [8], 'compact'],
    ['a line each where a table has no width', 420, 260, [12], 'compact'],
  ] as const)('chooses %s', (_, width, height, sizes, drawing) => {
    expect(drawingOf('auto', width, height, sizes)).toBe(drawing);
  });

  it('leaves the choice to whoever made one', () => {
    expect(drawingOf('wall', 200, 80, [60])).toBe('wall');
  });
});
