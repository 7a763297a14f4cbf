package main

import (
	"encoding/json"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func parse(t *testing.T, url, token string) (settings, *problem) {
	t.Helper()
	visible, err := json.Marshal(map[string]string{"url": url})
	if err != nil {
		t.Fatal(err)
	}
	return parseSettings(backend.DataSourceInstanceSettings{JSONData: visible, DecryptedSecureJSONData: map[string]string{"token": token}})
}

func TestAWorkingDatasourceNeedsAURLAndAToken(t *testing.T) {
	for given, want := range map[string]string{
		"http://127.0.0.1:8003":               "http://127.0.0.1:8003",
		" http://traffic-control:8003/ ":      "http://traffic-control:8003",
		"https://edge.example.org/clearpath/": "https://edge.example.org/clearpath",
		"http://[::1]:8003":                   "http://[::1]:8003",
	} {
		s, wrong := parse(t, given, " token\n")
		if wrong != nil || s.url != want || s.token != "token" {
			t.Errorf("%q: %+v, %+v", given, s, wrong)
		}
	}
}

func TestSettingsThatCannotWorkAreNamed(t *testing.T) {
	for _, c := range []struct{ url, token, says string }{
		{"", "token", "has no sidecar URL"},
		{"127.0.0.1:8003", "token", "is not one"},
		{"http://", "token", "is not one"},
		{"http://:8003", "token", "is not one"},
		{"localhost:8003", "token", "is not one"},
		{"file:///etc/passwd", "token", "is not one"},
		{"unix://run/clearpath.sock", "token", "does not begin with http"},
		{"ftp://127.0.0.1:8003", "token", "does not begin with http"},
		{"http://admin:secret@127.0.0.1:8003", "token", "user or password"},
		{"http://127.0.0.1:8003/?a=b", "token", "query or fragment"},
		{"http://127.0.0.1:8003/#top", "token", "query or fragment"},
		{"http://127.0.0.1:8003", "", "has no token"},
		{"http://127.0.0.1:8003", " \n", "has no token"},
		{"http://127.0.0.1:8003", "a\nb", "control characters"},
	} {
		_, wrong := parse(t, c.url, c.token)
		if wrong == nil {
			t.Errorf("%q was accepted", c.url)
			continue
		}
		says(t, wrong.Detail, c.says, "datasource's settings")
	}
}

func TestADatasourceWithoutSettingsSaysSoAtEveryCall(t *testing.T) {
	from := configured("", "", ada)
	says(t, problemOf(t, get(t, from, "policies")).Detail, "has no sidecar URL")
	says(t, health(t, from).Message, "has no sidecar URL")
	says(t, query(t, from, backend.DataQuery{RefID: "A", JSON: []byte(`{}`)}).Responses["A"].Error.Error(), "has no sidecar URL")
}
