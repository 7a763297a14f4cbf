package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"golang.org/x/net/http/httpguts"
)

// settings of one datasource: jsonData.url (Viewers can read it, so it holds no secret) and secureJsonData.token.
type settings struct {
	url   string // without a trailing slash
	token string
}

func parseSettings(instance backend.DataSourceInstanceSettings) (settings, *problem) {
	var visible struct {
		URL string `json:"url"`
	}
	if len(instance.JSONData) > 0 {
		if err := json.Unmarshal(instance.JSONData, &visible); err != nil {
			return settings{}, misconfigured("has settings that cannot be read ("+err.Error()+")", "Save it again")
		}
	}
	address, wrong := parseAddress(visible.URL)
	if wrong != nil {
		return settings{}, wrong
	}
	// A token provisioned from a file ends in the file's line break.
	token := strings.TrimSpace(instance.DecryptedSecureJSONData["token"])
	if token == "" {
		return settings{}, misconfigured("has no token", "Enter the sidecar's bridge token")
	}
	if !httpguts.ValidHeaderFieldValue(token) {
		return settings{}, misconfigured("has a token with control characters", "Enter the sidecar's bridge token again")
	}
	return settings{url: address, token: token}, nil
}

func parseAddress(raw string) (string, *problem) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", misconfigured("has no sidecar URL", "Enter where clearpathd listens, for example http://127.0.0.1:8003,")
	}
	address, err := url.Parse(raw)
	switch {
	case err != nil || address.Hostname() == "":
		return "", misconfigured("has a sidecar URL that is not one", likeThis)
	case address.Scheme != "http" && address.Scheme != "https":
		return "", misconfigured("has a sidecar URL that does not begin with http:// or https://", likeThis)
	case address.User != nil:
		return "", misconfigured("has a sidecar URL with a user or password in it, which every Viewer can read", "Remove them and enter the token")
	case address.RawQuery != "" || address.ForceQuery || address.Fragment != "":
		return "", misconfigured("has a sidecar URL with a query or fragment", likeThis)
	}
	return strings.TrimRight(address.String(), "/"), nil
}

const likeThis = "Enter it like http://127.0.0.1:8003"

func misconfigured(what, remedy string) *problem {
	return newProblem(http.StatusBadGateway, "CP-BRIDGE-SETTINGS", "Datasource is not set up",
		"This Clearpath datasource "+what+", so no sidecar was asked. "+remedy+" in the datasource's settings.")
}
