package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func TestLoginAndRoleComeFromGrafanasPluginContext(t *testing.T) {
	for _, c := range []struct {
		claim       string
		user        *backend.User
		login, role string
	}{
		{"a signed-in user", ada, "ada", "Admin"},
		{"an anonymous user has a role and no login", anonymous, "", "Viewer"},
		{"Grafana on its own account may read", nil, "", "Viewer"},
		{"an alert rule on Grafana 12.2", scheduler, "grafana_scheduler", "Admin"},
		{"a role the bridge does not know is the sidecar's to judge", &backend.User{Login: "ann", Role: "None"}, "ann", "None"},
		{"a login outside ASCII keeps its UTF-8 bytes", &backend.User{Login: "jörg", Role: "Editor"}, "jörg", "Editor"},
	} {
		t.Run(c.claim, func(t *testing.T) {
			sidecar := newClearpathd(t)
			get(t, sidecar.datasource(c.user), "bindings")
			header := sidecar.last(t).header
			if header.Get(loginHeader) != c.login || header.Get(roleHeader) != c.role {
				t.Errorf("arrived as login %q, role %q", header.Get(loginHeader), header.Get(roleHeader))
			}
			if _, there := header[loginHeader]; there != (c.login != "") {
				t.Errorf("login header is there: %v", there)
			}
		})
	}
}

func TestHeadersOfTheBrowserNeverReachTheSidecar(t *testing.T) {
	sidecar := newClearpathd(t)
	forged := map[string][]string{
		"Content-Type":      {"application/json"},
		"X-Clearpath-Login": {"root"},
		"x-clearpath-role":  {"Admin"},
		"X-Grafana-User":    {"root"},
		"X-Grafana-Role":    {"Admin"},
		"FromAlert":         {"true"},
		"Authorization":     {"Bearer of-somebody-else"},
		"Cookie":            {"grafana_session=secret"},
		"X-Forwarded-For":   {"127.0.0.1"},
		"Host":              {"elsewhere.example"},
	}
	viewer := &backend.User{Login: "vic", Role: "Viewer"}
	call(t, &backend.CallResourceRequest{
		PluginContext: sidecar.datasource(viewer), Method: http.MethodPost, Path: "bindings/branch-wan/apply",
		URL: "bindings/branch-wan/apply", Headers: forged, Body: []byte(`{"plan":"x"}`),
	})
	header := sidecar.last(t).header
	if got := header.Values(loginHeader); len(got) != 1 || got[0] != "vic" {
		t.Errorf("login arrived as %q", got)
	}
	if got := header.Values(roleHeader); len(got) != 1 || got[0] != "Viewer" {
		t.Errorf("role arrived as %q", got)
	}
	if got := header.Get("Authorization"); got != "Bearer "+rightToken {
		t.Errorf("authorization arrived as %q", got)
	}
	for _, stranger := range []string{"X-Grafana-User", "X-Grafana-Role", "FromAlert", "Cookie", "X-Forwarded-For"} {
		if header.Get(stranger) != "" {
			t.Errorf("%s arrived as %q", stranger, header.Get(stranger))
		}
	}
}

func TestALoginThatHTTPWouldChangeIsRefused(t *testing.T) {
	sidecar := newClearpathd(t)
	for _, login := range []string{" ada", "ada ", "ada\r\nX-Clearpath-Role: Admin", "a\x00da", "\u00a0ada"} {
		got := get(t, sidecar.datasource(&backend.User{Login: login, Role: "Viewer"}), "bindings")
		if p := problemOf(t, got); got.Status != http.StatusForbidden || !strings.Contains(p.Detail, "Nothing was sent") {
			t.Errorf("%q: status %d: %s", login, got.Status, got.Body)
		}
	}
	if n := len(sidecar.seen()); n != 0 {
		t.Errorf("%d requests reached the sidecar", n)
	}
}
