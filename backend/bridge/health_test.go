package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func health(t *testing.T, from backend.PluginContext) *backend.CheckHealthResult {
	t.Helper()
	got, err := plugin.Client.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: from})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func sick(t *testing.T, from backend.PluginContext, parts ...string) {
	t.Helper()
	got := health(t, from)
	if got.Status != backend.HealthStatusError {
		t.Errorf("status %s", got.Status)
	}
	says(t, got.Message, parts...)
}

func TestHealthSaysWhoOneIsAndWhichVersionAnswers(t *testing.T) {
	sidecar := newClearpathd(t)
	got := health(t, sidecar.datasource(ada))
	if got.Status != backend.HealthStatusOk {
		t.Errorf("status %s", got.Status)
	}
	says(t, got.Message, "version 0.1.0", sidecar.URL, "ready", "ada", "Admin", "default")
	says(t, health(t, sidecar.datasource(anonymous)).Message, "nobody by name", "Viewer")
}

func TestHealthNamesWhatStandsInTheWay(t *testing.T) {
	sidecar := newClearpathd(t)
	dead := deadURL(t)
	sick(t, configured(dead, rightToken, ada), dead, "Start clearpathd")
	sick(t, configured(sidecar.URL, "wrong", ada), "refused this datasource's token")
	sick(t, sidecar.datasource(&backend.User{Login: "ann", Role: "None"}), "no role that may read")

	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	sick(t, configured(web.URL, rightToken, ada), web.URL, "not a Clearpath sidecar")
}

func TestAJSONServerThatIsNoSidecarIsFoundOut(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusNotFound} {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			reply(w, status, map[string]string{"message": "hello"})
		}))
		t.Cleanup(other.Close)
		sick(t, configured(other.URL, rightToken, ada), other.URL, "not a Clearpath sidecar")
	}
}

func TestASidecarThatIsNotReadySaysWhy(t *testing.T) {
	starting := newClearpathd(t)
	starting.mux = http.NewServeMux()
	starting.mux.HandleFunc("GET /api/v1/whoami", starting.whoami)
	starting.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusServiceUnavailable, newProblem(http.StatusServiceUnavailable, "CP-NOT-READY", "Not ready", "The store is being migrated."))
	})
	sick(t, starting.datasource(ada), "running but not ready", "The store is being migrated")
}
