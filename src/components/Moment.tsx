/** A point in time: how long ago, with the exact time in the viewer's time zone on hover. */
import React from 'react';
import { dateTimeFormat, dateTimeFormatTimeAgo } from '@grafana/data';
import { Tooltip } from '@grafana/ui';

export function Moment({ at }: { at: number }) {
  return (
    <Tooltip content={dateTimeFormat(at)}>
      <time dateTime={new Date(at).toISOString()}>{dateTimeFormatTimeAgo(at)}</time>
    </Tooltip>
  );
}
