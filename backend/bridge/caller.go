package main

import (
	"net/http"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"golang.org/x/net/http/httpguts"
)

// caller is the Grafana user a request is made for. It comes from Grafana's plugin context and from nowhere else:
// whatever headers a browser sends, X-Grafana-User and FromAlert among them, reach a plugin as they were sent.
type caller struct {
	login string // empty: anonymous, or Grafana itself
	role  string // as Grafana says; the sidecar judges it
}

const (
	loginHeader = "X-Clearpath-Login"
	roleHeader  = "X-Clearpath-Role"
)

func callerOf(grafana backend.PluginContext) (caller, *problem) {
	if grafana.User == nil {
		// Grafana on its own account: some versions evaluate alert rules so. Reading is all that needs.
		return caller{role: "Viewer"}, nil
	}
	who := caller{login: grafana.User.Login, role: grafana.User.Role}
	// HTTP trims header values and forbids control characters: such a login would arrive as somebody else's.
	if !travels(who.login) || !travels(who.role) {
		return caller{}, newProblem(http.StatusForbidden, "CP-BRIDGE-LOGIN", "Login cannot be passed on",
			"Your Grafana login begins or ends with a space or holds control characters, so the sidecar could not tell it from another one. "+
				"Nothing was sent. Ask a Grafana administrator to correct the login.")
	}
	return who, nil
}

func travels(value string) bool {
	return value == strings.TrimSpace(value) && httpguts.ValidHeaderFieldValue(value)
}

// sign puts the identity on a request to the sidecar. A login outside ASCII travels as its UTF-8 bytes.
func (who caller) sign(header http.Header) {
	if who.login != "" {
		header.Set(loginHeader, who.login)
	}
	if who.role != "" {
		header.Set(roleHeader, who.role)
	}
}
