import {
  type DataFrameJSON,
  type LiveChannelEvent,
  LiveChannelConnectionState,
  LiveChannelEventType,
  FieldType,
} from '@grafana/data';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { countersChannel, type LiveEvent, liveEvents } from './live.ts';

const schema = {
  fields: [
    { name: 'time', type: FieldType.time },
    { name: 'rate', type: FieldType.number, labels: { traffic_class: 'voice' } },
  ],
};
const row = (at: number, rate: number) => ({ values: [[at], [rate]] });

function heard() {
  const channel = new Subject<LiveChannelEvent<DataFrameJSON>>();
  const events: LiveEvent[] = [];
  liveEvents(channel).subscribe((event) => events.push(event));
  const message = (content: DataFrameJSON) => channel.next({ type: LiveChannelEventType.Message, message: content });
  const status = (state: LiveChannelConnectionState, error?: unknown, content?: DataFrameJSON) =>
    channel.next({ type: LiveChannelEventType.Status, id: 'x', timestamp: 0, state, error, message: content });
  return { events, message, status };
}

const rates = (events: LiveEvent[]) =>
  events.map((event) => ('frame' in event ? event.frame.fields[1].values[0] : event.error));

describe('a channel of live counters', () => {
  it('is addressed for Grafana before and after 12.4', () => {
    expect(countersChannel('clearpath-qos', 'branch-uplink')).toEqual({
      scope: 'ds',
      namespace: 'clearpath-qos',
      stream: 'clearpath-qos',
      path: 'counters/branch-uplink',
    });
  });

  it('reads rows without a schema by the last schema that came', () => {
    const { events, message } = heard();
    message({ schema, data: row(1000, 1) });
    message({ data: row(2000, 2) });
    expect(rates(events)).toEqual([1, 2]);
  });

  it('takes the row that greets whoever joins late', () => {
    const { events, status } = heard();
    status(LiveChannelConnectionState.Connected, undefined, { schema, data: row(1000, 7) });
    expect(rates(events)).toEqual([7]);
  });

  it('leaves a lost connection to Grafana, which tries again', () => {
    const { events, status } = heard();
    status(LiveChannelConnectionState.Connecting);
    expect(events).toEqual([]);
  });

  it('says when Grafana refuses the channel', () => {
    const { events, status } = heard();
    status(LiveChannelConnectionState.Disconnected);
    status(LiveChannelConnectionState.Invalid, { message: 'invalid path' });
    expect(rates(events)).toEqual(['Grafana refused the stream or ended it', 'invalid path']);
  });

  it('ignores data before any schema', () => {
    const { events, message } = heard();
    message({ data: row(1000, 1) });
    expect(events).toEqual([]);
  });
});
