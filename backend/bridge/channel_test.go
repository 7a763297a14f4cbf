package main

import (
	"net/http"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

func subscribe(t *testing.T, from backend.PluginContext, path string) (backend.SubscribeStreamStatus, error) {
	t.Helper()
	got, err := streams.SubscribeStream(t.Context(), backend.ToProto().SubscribeStreamRequest(&backend.SubscribeStreamRequest{
		PluginContext: from, Path: path,
		Headers: map[string]string{"http_X-Clearpath-Role": "Admin"},
	}))
	if err != nil {
		return 0, err
	}
	return backend.SubscribeStreamStatus(got.Status), nil
}

func TestWhoMayReadMayWatch(t *testing.T) {
	sidecar := newClearpathd(t)
	for _, user := range []*backend.User{ada, anonymous, nil} {
		if got, err := subscribe(t, sidecar.datasource(user), "counters/branch-wan"); err != nil || got != backend.SubscribeStreamStatusOK {
			t.Errorf("%+v: %v, %v", user, got, err)
		}
	}
	if last := sidecar.last(t); last.uri != "/api/v1/whoami" || last.header.Get(roleHeader) != "Viewer" {
		t.Errorf("asked %s as %q", last.uri, last.header.Get(roleHeader))
	}
}

func TestWhoMayNotReadMayNotWatch(t *testing.T) {
	sidecar := newClearpathd(t)
	got, err := subscribe(t, sidecar.datasource(&backend.User{Login: "ann", Role: "None"}), "counters/branch-wan")
	if err != nil || got != backend.SubscribeStreamStatusPermissionDenied {
		t.Errorf("%v, %v", got, err)
	}
	blind := newClearpathd(t)
	blind.mux = http.NewServeMux()
	blind.mux.HandleFunc("GET /api/v1/whoami", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"login": nil, "role": "Viewer", "tenant": "default", "can": []string{}})
	})
	got, err = subscribe(t, blind.datasource(ada), "counters/branch-wan")
	if err != nil || got != backend.SubscribeStreamStatusPermissionDenied {
		t.Errorf("%v, %v", got, err)
	}
}

func TestThereIsNoChannelButTheCountersOfABinding(t *testing.T) {
	sidecar := newClearpathd(t)
	for _, path := range []string{"", "counters", "counters/", "counters/Branch", "counters/a/b", "counters/../x", "counters/a&topics=policies", "verdicts/branch-wan", "/counters/a", "counters/a\n"} {
		if got, err := subscribe(t, sidecar.datasource(ada), path); err != nil || got != backend.SubscribeStreamStatusNotFound {
			t.Errorf("%q: %v, %v", path, got, err)
		}
	}
	if n := len(sidecar.seen()); n != 0 {
		t.Errorf("%d requests reached the sidecar", n)
	}
}

func TestADownSidecarIsNoRefusal(t *testing.T) {
	url := deadURL(t)
	if _, err := subscribe(t, configured(url, rightToken, ada), "counters/branch-wan"); err == nil {
		t.Error("no error")
	} else {
		says(t, err.Error(), url, "Start clearpathd")
	}
}

func TestNobodyMayPublish(t *testing.T) {
	sidecar := newClearpathd(t)
	got, err := streams.PublishStream(t.Context(), backend.ToProto().PublishStreamRequest(&backend.PublishStreamRequest{
		PluginContext: sidecar.datasource(ada), Path: "counters/branch-wan", Data: []byte(`{}`),
	}))
	if err != nil || got.Status != pluginv2.PublishStreamResponse_PERMISSION_DENIED {
		t.Errorf("%v, %v", got, err)
	}
	if n := len(sidecar.seen()); n != 0 {
		t.Errorf("%d requests reached the sidecar", n)
	}
}
