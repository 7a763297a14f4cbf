import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { classColor, type Place } from './classColor.ts';

/** The square that ties a class's row to its part of the bar. */
export function ClassSwatch({ place }: { place: Place }) {
  return <span aria-hidden className={useStyles2(getSwatch, place)} />;
}

const getSwatch = (theme: GrafanaTheme2, place: Place) =>
  css({
    display: 'inline-block',
    flex: 'none',
    width: 10,
    height: 10,
    borderRadius: 2,
    background: classColor(theme, place),
  });
