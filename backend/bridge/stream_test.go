package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

// watch runs a stream as Grafana does for the first subscriber; frames arrive on the channel, which is closed when
// the stream ends.
func watch(t *testing.T, ctx context.Context, from backend.PluginContext, path string) (<-chan *data.Frame, <-chan error) {
	t.Helper()
	run, err := streams.RunStream(ctx, &pluginv2.RunStreamRequest{PluginContext: backend.ToProto().PluginContext(from), Path: path})
	if err != nil {
		t.Fatal(err)
	}
	frames, ended := make(chan *data.Frame, 16), make(chan error, 1)
	go func() {
		defer close(frames)
		for {
			packet, err := run.Recv()
			if err != nil {
				ended <- err
				return
			}
			frame := &data.Frame{}
			if err := json.Unmarshal(packet.Data, frame); err != nil {
				ended <- err
				return
			}
			frames <- frame
		}
	}()
	return frames, ended
}

func next(t *testing.T, frames <-chan *data.Frame) *data.Frame {
	t.Helper()
	select {
	case frame, open := <-frames:
		if open {
			return frame
		}
		t.Fatal("the stream has ended")
	case <-time.After(5 * time.Second):
		t.Fatal("no frame within 5 s")
	}
	return nil
}

func rateOf(t *testing.T, frame *data.Frame) float64 {
	t.Helper()
	field, _ := frame.FieldByName("rate")
	if field == nil || field.Len() != 1 {
		t.Fatalf("frame has no rate: %v", frame)
	}
	return *field.At(0).(*float64)
}

// events lets the sidecar serve event streams by this function, which ends the connection by returning.
func (c *clearpathd) events(serve func(connection int, send func(string), gone <-chan struct{})) {
	var connections atomic.Int32
	c.mux.HandleFunc("GET /api/v1/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		serve(int(connections.Add(1)), func(text string) {
			fmt.Fprint(w, text)
			w.(http.Flusher).Flush()
		}, r.Context().Done())
	})
}

func counters(rate int) string {
	return fmt.Sprintf(`event: frame
data: {"name":"counters","type":"timeseries-wide","fields":[{"name":"time","type":"time","values":[1700000000000]},
data: {"name":"rate","type":"number","labels":{"traffic_class":"voice"},"config":{"unit":"bps"},"values":[%d]},
data: {"name":"drops","type":"number","labels":{"traffic_class":"voice"},"values":[null]}]}

`, rate)
}

func TestCountersArriveAsFramesInTheUsersName(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.events(func(_ int, send func(string), gone <-chan struct{}) {
		send(": alive\n\nevent: counters\ndata: {}\n\n" + counters(64000))
		<-gone
	})
	ctx, cancel := context.WithCancel(t.Context())
	frames, ended := watch(t, ctx, sidecar.datasource(anonymous), "counters/branch-wan")
	frame := next(t, frames)
	if rateOf(t, frame) != 64000 || frame.Meta.Type != data.FrameTypeTimeSeriesWide || frame.Fields[1].Labels["traffic_class"] != "voice" {
		t.Errorf("frame %+v", frame)
	}
	if !frame.Fields[2].NilAt(0) {
		t.Error("a gap became a number")
	}
	last := sidecar.last(t)
	if last.uri != "/api/v1/events?binding=branch-wan&format=frame&topics=counters" || last.header.Get(roleHeader) != "Viewer" || last.header.Get(loginHeader) != "" {
		t.Errorf("asked %s as %v", last.uri, last.header)
	}
	cancel()
	<-ended
}

func TestAStreamThatBreaksIsOpenedAgain(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.events(func(connection int, send func(string), gone <-chan struct{}) {
		switch connection {
		case 2:
			panic(http.ErrAbortHandler) // cut, as by a killed sidecar
		case 3:
			<-gone // silent, as behind a firewall that forgot the connection
		case 4:
			send("event: frame\ndata: {\"name\":\"x\",\"type\":\"heatmap\",\"fields\":[]}\n\n")
			<-gone
		default:
			send(counters(connection))
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	frames, _ := watch(t, ctx, sidecar.datasource(ada), "counters/branch-wan")
	for _, connection := range []float64{1, 5, 6} {
		if got := rateOf(t, next(t, frames)); got != connection {
			t.Errorf("frame of connection %v, not %v", got, connection)
		}
	}
}

func TestAQuietStreamIsKeptAliveByItsComments(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.events(func(connection int, send func(string), _ <-chan struct{}) {
		for range 6 {
			send(": alive\n\n")
			time.Sleep(testPace.silence / 4)
		}
		send(counters(connection))
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	frames, _ := watch(t, ctx, sidecar.datasource(ada), "counters/branch-wan")
	if got := rateOf(t, next(t, frames)); got != 1 {
		t.Errorf("frame of connection %v, not of the first", got)
	}
}

func TestAStreamOutlivesRefusals(t *testing.T) {
	sidecar := newClearpathd(t)
	var tries atomic.Int32
	sidecar.mux.HandleFunc("GET /api/v1/events", func(w http.ResponseWriter, _ *http.Request) {
		switch tries.Add(1) {
		case 1:
			reply(w, http.StatusNotFound, newProblem(http.StatusNotFound, "CP-NO-BINDING", "No such binding", "There is no binding branch-wan."))
		case 2:
			reply(w, http.StatusOK, map[string]any{})
		default:
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, counters(3))
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	frames, _ := watch(t, ctx, sidecar.datasource(ada), "counters/branch-wan")
	if got := rateOf(t, next(t, frames)); got != 3 {
		t.Errorf("rate %v", got)
	}
}

func TestAStreamStopsAskingWhenNobodyWatches(t *testing.T) {
	sidecar := newClearpathd(t)
	left := make(chan struct{})
	sidecar.events(func(_ int, send func(string), gone <-chan struct{}) {
		send(counters(1))
		<-gone
		close(left)
	})
	ctx, cancel := context.WithCancel(t.Context())
	frames, _ := watch(t, ctx, sidecar.datasource(ada), "counters/branch-wan")
	next(t, frames)
	cancel()
	select {
	case <-left:
	case <-time.After(5 * time.Second):
		t.Fatal("the connection is still open after 5 s")
	}
	time.Sleep(5 * testPace.first)
	if n := len(sidecar.seen()); n != 1 {
		t.Errorf("the sidecar was asked %d times", n)
	}
}

func TestReconnectionsSlowDownToTheirLimit(t *testing.T) {
	sidecar := newClearpathd(t)
	var at []time.Time
	done := make(chan struct{})
	sidecar.events(func(connection int, _ func(string), _ <-chan struct{}) {
		if connection <= 6 {
			at = append(at, time.Now())
		}
		if connection == 6 {
			close(done)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	watch(t, ctx, sidecar.datasource(ada), "counters/branch-wan")
	<-done
	for i, least := range []time.Duration{20, 40, 80, 80, 80} {
		if gap := at[i+1].Sub(at[i]); gap < least*time.Millisecond {
			t.Errorf("gap %d is %s, less than %d ms", i, gap, least)
		}
	}
}

func TestASettingsChangeEndsTheStreamWithAnErrorSoThatGrafanaOpensItAgain(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.events(func(_ int, send func(string), gone <-chan struct{}) { send(counters(1)); <-gone })
	made, _ := newBridge(t.Context(), *sidecar.datasource(ada).DataSourceInstanceSettings)
	b := made.(*bridge)
	arrived, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- b.RunStream(t.Context(), &backend.RunStreamRequest{PluginContext: sidecar.datasource(ada), Path: "counters/branch-wan"},
			backend.NewStreamSender(packets(func(*backend.StreamPacket) error { arrived <- struct{}{}; return nil })))
	}()
	<-arrived
	b.Dispose()
	select {
	case err := <-ended:
		if err != errSettingsChanged {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the stream still runs after 5 s")
	}
}

// packets is where the SDK's own sender puts its packets.
type packets func(*backend.StreamPacket) error

func (p packets) Send(packet *backend.StreamPacket) error { return p(packet) }

func TestThereIsNoStreamBesideTheChannels(t *testing.T) {
	sidecar := newClearpathd(t)
	for _, c := range []struct {
		from backend.PluginContext
		path string
		says string
	}{
		{sidecar.datasource(ada), "verdicts/branch-wan", "no channel"},
		{configured("", "", ada), "counters/branch-wan", "has no sidecar URL"},
	} {
		_, ended := watch(t, t.Context(), c.from, c.path)
		select {
		case err := <-ended:
			says(t, err.Error(), c.says)
		case <-time.After(5 * time.Second):
			t.Fatal("no end within 5 s")
		}
	}
}
