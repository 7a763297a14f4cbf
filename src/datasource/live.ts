/** The sidecar's stream of class counters, through Grafana Live and the bridge. */
import {
  type DataFrame,
  dataFrameFromJSON,
  type DataFrameJSON,
  isLiveChannelMessageEvent,
  isLiveChannelStatusEvent,
  type LiveChannelAddress,
  type LiveChannelEvent,
  LiveChannelConnectionState,
  LiveChannelScope,
} from '@grafana/data';
import { filter, map, type Observable } from 'rxjs';

/** A row that arrived, or why none does. */
export type LiveEvent = { frame: DataFrame } | { error: string };

/** `namespace` is what Grafana before 12.4 reads, `stream` what later ones do. */
export function countersChannel(datasourceUid: string, binding: string): LiveChannelAddress {
  return {
    scope: LiveChannelScope.DataSource,
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    namespace: datasourceUid,
    stream: datasourceUid,
    path: `counters/${binding}`,
  };
}

/** Grafana tries again after every state but these; a refused subscription is `disconnected`, without a reason (12.2). */
const ENDED = [
  LiveChannelConnectionState.Disconnected,
  LiveChannelConnectionState.Shutdown,
  LiveChannelConnectionState.Invalid,
];

/**
 * Channel events as frames. A lost connection is no event: Grafana reconnects by itself, and the panel shows how old
 * its figures are. A refused channel is an error.
 */
export function liveEvents(channel: Observable<LiveChannelEvent<DataFrameJSON>>): Observable<LiveEvent> {
  let schema: DataFrameJSON['schema'];

  const toFrame = (message: DataFrameJSON): LiveEvent | undefined => {
    schema = message.schema ?? schema;
    // Only the first message of a stream is sure to carry the schema.
    return schema && message.data ? { frame: dataFrameFromJSON({ schema, data: message.data }) } : undefined;
  };

  return channel.pipe(
    map((event): LiveEvent | undefined => {
      if (isLiveChannelMessageEvent(event)) {
        return toFrame(event.message);
      }
      if (isLiveChannelStatusEvent(event)) {
        if (ENDED.includes(event.state)) {
          return { error: reasonOf(event.error) };
        }
        return event.message ? toFrame(event.message) : undefined;
      }
      return undefined;
    }),
    filter((event) => event !== undefined)
  );
}

function reasonOf(error: unknown): string {
  if (typeof error === 'string') {
    return error;
  }
  if (error !== null && typeof error === 'object' && 'message' in error && typeof error.message === 'string') {
    return error.message;
  }
  return 'Grafana refused the stream or ended it';
}
