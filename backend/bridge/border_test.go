package main

import (
	"net/http"
	"strings"
	"testing"
)

const anULID = "01JD9Z3V5W6X7Y8Z9A0BCDEFGH"

func sample(shape string) string {
	return strings.NewReplacer("{name}", "branch-edge", "{bound}", "uplinks.graz.eth0.100", "{ulid}", anULID, "{kind}", "bindings", "{number}", "12").Replace(shape)
}

func TestEveryRouteOfTheBorderReachesTheSidecarUnderItsOwnPath(t *testing.T) {
	sidecar := newClearpathd(t)
	from := sidecar.datasource(ada)
	for _, r := range border {
		path := sample(r.shape)
		body := ""
		if r.method != http.MethodGet {
			body = `{"source":"x"}`
		}
		if got := send(t, from, r.method, path, body); got.Status != http.StatusOK {
			t.Errorf("%s %s: status %d: %s", r.method, path, got.Status, got.Body)
		}
		if last := sidecar.last(t); last.method != r.method || last.uri != "/api/v1/"+path || last.body != body {
			t.Errorf("%s %s arrived as %s %s %q", r.method, path, last.method, last.uri, last.body)
		}
	}
}

func TestQueriesAndEventsDoNotCrossAsResources(t *testing.T) {
	sidecar := newClearpathd(t)
	from := sidecar.datasource(ada)
	if got := post(t, from, "query", `{}`); got.Status != http.StatusNotFound {
		t.Errorf("query: status %d", got.Status)
	}
	if got := get(t, from, "events"); got.Status != http.StatusNotFound {
		t.Errorf("events: status %d", got.Status)
	}
	if n := len(sidecar.seen()); n != 0 {
		t.Errorf("%d requests reached the sidecar", n)
	}
}

func TestOtherPathsNeverReachTheSidecar(t *testing.T) {
	sidecar := newClearpathd(t)
	from := sidecar.datasource(ada)
	for path, status := range map[string]int{
		"":                                    http.StatusBadRequest,
		"/":                                   http.StatusBadRequest,
		"policies/":                           http.StatusBadRequest,
		"policies//branch-edge":               http.StatusBadRequest,
		"//policies":                          http.StatusBadRequest,
		"..":                                  http.StatusBadRequest,
		"policies/..":                         http.StatusBadRequest,
		"policies/../query":                   http.StatusBadRequest,
		"policies/./branch-edge":              http.StatusBadRequest,
		"policies/..%2fquery":                 http.StatusBadRequest,
		"policies%2Fbranch-edge":              http.StatusBadRequest,
		"policies/%2e%2e/query":               http.StatusBadRequest,
		`policies\branch-edge`:                http.StatusBadRequest,
		`policies/..\query`:                   http.StatusBadRequest,
		"policies/branch-edge\r\nX-Evil: 1":   http.StatusBadRequest,
		"policies/branch edge":                http.StatusBadRequest,
		"policies/branch\x00edge":             http.StatusBadRequest,
		"policies/\u202eedge":                 http.StatusBadRequest,
		"policies/Branch":                     http.StatusNotFound,
		"policies/-branch":                    http.StatusNotFound,
		"policies/branch-edge?x=1":            http.StatusNotFound,
		"policies/branch-edge#x":              http.StatusNotFound,
		"policies/" + strings.Repeat("a", 64): http.StatusNotFound,
		"policies/branch-edge/plan":           http.StatusNotFound,
		"deployments/42":                      http.StatusNotFound,
		"documents/policies":                  http.StatusNotFound,
		"documents/bindings/Up":               http.StatusNotFound,
		"documents/targets/a/versions/0":      http.StatusNotFound,
		"documents/targets/a/versions/1e3":    http.StatusNotFound,
		"bindings/uplinks./plan":              http.StatusNotFound,
		"bindings/uplinks..wan0/plan":         http.StatusNotFound,
		"healthz":                             http.StatusNotFound,
		"metrics":                             http.StatusNotFound,
		"http://elsewhere.example/policies":   http.StatusBadRequest,
		"@elsewhere.example":                  http.StatusNotFound,
		"bindings/branch-wan/apply":           http.StatusMethodNotAllowed,
		"policies/validate/validate":          http.StatusNotFound,
	} {
		got := get(t, from, path)
		if got.Status != status {
			t.Errorf("%q: status %d, not %d: %s", path, got.Status, status, got.Body)
		}
		problemOf(t, got)
	}
	if all := sidecar.seen(); len(all) != 0 {
		t.Errorf("these reached the sidecar: %v", all)
	}
}

func TestNoMethodButThatOfTheRouteCrosses(t *testing.T) {
	sidecar := newClearpathd(t)
	from := sidecar.datasource(ada)
	for _, method := range []string{http.MethodPatch, http.MethodPost, http.MethodHead, "get"} {
		got := send(t, from, method, "policies/branch-edge", `{}`)
		if p := problemOf(t, got); got.Status != http.StatusMethodNotAllowed || !strings.Contains(p.Detail, "GET, PUT, DELETE,") {
			t.Errorf("%s: status %d: %s", method, got.Status, got.Body)
		}
	}
	if n := len(sidecar.seen()); n != 0 {
		t.Errorf("%d requests reached the sidecar", n)
	}
}

func TestOnlyTheParametersOfTheRouteCross(t *testing.T) {
	for _, c := range []struct{ shape, given, arrives string }{
		{"deployments", "binding=branch-wan&limit=5&token=x&role=Admin", "/api/v1/deployments?binding=branch-wan&limit=5"},
		{"violations", "open=true&from=1&to=2&binding=x", "/api/v1/violations?from=1&open=true&to=2"},
		{"policies", "limit=5", "/api/v1/policies"},
		{"sla", "binding=a%26role%3DAdmin%0d%0a", "/api/v1/sla?binding=a%26role%3DAdmin%0D%0A"},
	} {
		over, wrong := cross(http.MethodGet, c.shape, c.given)
		if wrong != nil {
			t.Errorf("%s?%s: %s", c.shape, c.given, wrong.message())
			continue
		}
		arrives := over.path
		if len(over.params) > 0 {
			arrives += "?" + over.params.Encode()
		}
		if arrives != c.arrives {
			t.Errorf("%s?%s arrives as %s", c.shape, c.given, arrives)
		}
	}
	if _, wrong := cross(http.MethodGet, "sla", "binding=%zz"); wrong == nil || wrong.Status != http.StatusBadRequest {
		t.Errorf("a query string that cannot be read was let through")
	}
}
