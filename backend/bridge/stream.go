package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// pace of a live stream: how long to wait before the first and at most before a later reconnection, and after how
// much silence a connection counts as dead. The sidecar sends a comment every 15 s.
type pace struct {
	first   time.Duration
	most    time.Duration
	silence time.Duration
}

var livePace = pace{first: time.Second, most: 15 * time.Second, silence: 45 * time.Second}

var (
	errSettingsChanged = errors.New("the datasource's settings have changed")
	errStreamEnded     = errors.New("the sidecar ended the stream")
	errSilence         = errors.New("the sidecar has fallen silent")
)

// unheard is the failure to hand a frame to Grafana: nobody listens any more.
type unheard struct{ error }

// RunStream relays a binding's counters until nobody watches. A stream that breaks is opened again and again, because
// Grafana would not: for it, a stream that returns nil is over for good. Returning an error makes it call again with
// fresh settings.
func (b *bridge) RunStream(ctx context.Context, req *backend.RunStreamRequest, sender *backend.StreamSender) error {
	binding, ok := bindingOf(req.Path)
	if !ok {
		return fmt.Errorf("there is no channel %.100q", req.Path)
	}
	who, wrong := b.enter(req.PluginContext)
	if wrong != nil {
		return backend.DownstreamError(errors.New(wrong.message()))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(b.life, cancel)()

	log := backend.Logger.FromContext(ctx).With("binding", binding)
	wait, said := b.pace.first, ""
	for {
		frames, err := b.relay(ctx, who, binding, sender)
		var gone unheard
		switch {
		case b.life.Err() != nil:
			return errSettingsChanged
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &gone):
			return gone.error
		}
		if frames > 0 {
			wait, said = b.pace.first, ""
		}
		if said != err.Error() { // once, not at every attempt
			said = err.Error()
			log.Warn("Live counters broke off, trying again until nobody watches", "reason", said)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, b.pace.most)
	}
}

// relay opens the sidecar's events once and passes frames on until the connection ends, which it does with an error.
func (b *bridge) relay(ctx context.Context, who caller, binding string, sender *backend.StreamSender) (frames int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(b.pace.silence, func() { cancel(errSilence) })
	defer silence.Stop()
	defer func() {
		if context.Cause(ctx) == errSilence {
			err = errSilence
		}
	}()

	resp, wrong := b.openEvents(ctx, who, binding)
	if wrong != nil {
		return 0, errors.New(wrong.message())
	}
	defer resp.Body.Close()
	err = readEvents(heard{resp.Body, silence, b.pace.silence}, func(e event) error {
		if e.topic != "frame" {
			return nil
		}
		frame, err := liveFrame(e.data)
		if err != nil {
			return fmt.Errorf("the sidecar sent a frame that cannot be read (%w): use the sidecar and the plugin of the same release", err)
		}
		if err := sender.SendFrame(frame, data.IncludeAll); err != nil {
			return unheard{err}
		}
		frames++
		return nil
	})
	if err == nil {
		err = errStreamEnded
	}
	return frames, err
}

func (b *bridge) openEvents(ctx context.Context, who caller, binding string) (*http.Response, *problem) {
	r := request{
		method: http.MethodGet,
		path:   apiRoot + "events",
		params: url.Values{"format": {"frame"}, "topics": {"counters"}, "binding": {binding}},
	}
	resp, wrong := b.sidecar.send(ctx, who, r, "text/event-stream")
	if wrong != nil {
		return nil, wrong
	}
	if resp.StatusCode == http.StatusOK && isKind(resp, "text/event-stream") {
		return resp, nil
	}
	defer resp.Body.Close()
	got, wrong := b.sidecar.read(ctx, resp, r)
	switch {
	case wrong != nil:
		return nil, wrong
	case got.ok():
		return nil, b.sidecar.unreadable(r, "it is no event stream")
	default:
		return nil, problemIn(got)
	}
}

func liveFrame(text string) (*data.Frame, error) {
	var w wireFrame
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return nil, err
	}
	return toFrame(w, "")
}

// heard puts the death of a silent connection off at every byte that arrives.
type heard struct {
	io.Reader
	silence *time.Timer
	limit   time.Duration
}

func (h heard) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if n > 0 {
		h.silence.Reset(h.limit)
	}
	return n, err
}
