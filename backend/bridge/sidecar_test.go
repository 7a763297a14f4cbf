package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

const rightToken = "bridge-token-of-the-tests"

// clearpathd is a sidecar as backend/api/contract.ts describes it, over real HTTP: it checks the token first, says who
// is asking, and answers everything else with what it was asked, unless a test gives it something better to say.
type clearpathd struct {
	*httptest.Server
	mux   *http.ServeMux
	mu    sync.Mutex
	asked []asked
}

type asked struct {
	method string
	uri    string
	header http.Header
	body   string
}

func newClearpathd(t *testing.T) *clearpathd {
	t.Helper()
	c := &clearpathd{mux: http.NewServeMux()}
	c.mux.HandleFunc("GET /api/v1/whoami", c.whoami)
	c.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"ready": true, "version": "0.1.0"})
	})
	c.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		reply(w, http.StatusOK, map[string]any{"method": r.Method, "uri": r.RequestURI})
	})
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.Close)
	return c
}

func (c *clearpathd) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	c.asked = append(c.asked, asked{method: r.Method, uri: r.RequestURI, header: r.Header.Clone(), body: string(body)})
	c.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+rightToken && r.URL.Path != "/readyz" {
		reply(w, http.StatusUnauthorized, newProblem(http.StatusUnauthorized, "CP-TOKEN", "Token refused", "The token is unknown."))
		return
	}
	c.mux.ServeHTTP(w, r)
}

func (c *clearpathd) whoami(w http.ResponseWriter, r *http.Request) {
	can := map[string][]string{"Viewer": {"read"}, "Editor": {"read", "draft", "plan"}, "Admin": {"read", "draft", "plan", "apply", "rollback"}}
	role := r.Header.Get(roleHeader)
	if can[role] == nil {
		reply(w, http.StatusForbidden, newProblem(http.StatusForbidden, "CP-ROLE", "No role", "You have no role that may read."))
		return
	}
	var login *string
	if given := r.Header.Get(loginHeader); given != "" {
		login = &given
	}
	reply(w, http.StatusOK, map[string]any{"login": login, "role": role, "tenant": "default", "can": can[role]})
}

func reply(w http.ResponseWriter, status int, body any) {
	kind := "application/json; charset=utf-8"
	if status >= 400 {
		kind = problemJSON
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// seen is what has arrived so far.
func (c *clearpathd) seen() []asked {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]asked(nil), c.asked...)
}

func (c *clearpathd) last(t *testing.T) asked {
	t.Helper()
	all := c.seen()
	if len(all) == 0 {
		t.Fatal("nothing reached the sidecar")
	}
	return all[len(all)-1]
}

func (c *clearpathd) datasource(user *backend.User) backend.PluginContext {
	return configured(c.URL, rightToken, user)
}
