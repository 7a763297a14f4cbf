package main

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
)

var (
	_ backend.CallResourceHandler   = (*bridge)(nil)
	_ backend.QueryDataHandler      = (*bridge)(nil)
	_ backend.CheckHealthHandler    = (*bridge)(nil)
	_ backend.StreamHandler         = (*bridge)(nil)
	_ instancemgmt.InstanceDisposer = (*bridge)(nil)
)

// bridge is one configured datasource: one sidecar, one token, one HTTP client. Grafana makes a new one whenever the
// datasource's settings change and disposes of the old one.
type bridge struct {
	sidecar *sidecar
	// misconfigured says why there is no sidecar to ask. It is kept rather than returned by newBridge, because Grafana
	// shows an operator only "plugin unavailable" for an instance that could not be made.
	misconfigured *problem
	pace          pace
	life          context.Context
	end           context.CancelFunc
}

func newBridge(_ context.Context, instance backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	b := &bridge{pace: livePace}
	// Not the context passed in: that one ends with the call that happened to need the instance first.
	b.life, b.end = context.WithCancel(context.Background())
	settings, wrong := parseSettings(instance)
	if wrong != nil {
		b.misconfigured = wrong
		return b, nil
	}
	b.sidecar = newSidecar(settings)
	return b, nil
}

// Dispose ends the streams of this instance, so that Grafana opens them again with the new settings. Calls that are
// under way are left to finish: an apply must not be cut because somebody saved the datasource.
func (b *bridge) Dispose() {
	b.end()
	if b.sidecar != nil {
		b.sidecar.http.CloseIdleConnections()
	}
}

// enter is the first step of every call: who asks, and whether there is a sidecar to ask.
func (b *bridge) enter(grafana backend.PluginContext) (caller, *problem) {
	if b.misconfigured != nil {
		return caller{}, b.misconfigured
	}
	return callerOf(grafana)
}
