package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// healthLimit is short: somebody is looking at the "Save & test" button.
const healthLimit = 10 * time.Second

// CheckHealth finds the first thing that stands between an operator and the sidecar: the settings, the address, the
// token, what listens there, whether it is ready.
func (b *bridge) CheckHealth(ctx context.Context, req *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	message, wrong := b.health(ctx, req.PluginContext)
	if wrong != nil {
		return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: wrong.message()}, nil
	}
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: message}, nil
}

func (b *bridge) health(ctx context.Context, grafana backend.PluginContext) (string, *problem) {
	who, wrong := b.enter(grafana)
	if wrong != nil {
		return "", wrong
	}
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	me, wrong := b.whoami(ctx, who)
	if wrong != nil {
		return "", wrong
	}
	version, wrong := b.ready(ctx, who)
	if wrong != nil {
		return "", wrong
	}
	return fmt.Sprintf("The sidecar%s at %s is ready. It takes you for %s with role %s in tenant %s.",
		version, b.sidecar.url, loginOf(me), me.Role, me.Tenant), nil
}

func (b *bridge) ready(ctx context.Context, who caller) (version string, wrong *problem) {
	got, wrong := b.sidecar.ask(ctx, who, request{method: http.MethodGet, path: "/readyz"})
	if wrong != nil {
		return "", wrong
	}
	if !got.ok() {
		return "", newProblem(http.StatusBadGateway, "CP-BRIDGE-NOT-READY", "Sidecar is not ready",
			fmt.Sprintf("The sidecar at %s is running but not ready: %s", b.sidecar.url, problemIn(got).message()))
	}
	var said struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(got.body, &said); err == nil && said.Version != "" {
		version = " (version " + said.Version + ")"
	}
	return version, nil
}

func loginOf(me standing) string {
	if me.Login == nil || *me.Login == "" {
		return "nobody by name"
	}
	return *me.Login
}
