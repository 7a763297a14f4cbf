package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func TestWhatTheSidecarRefusesArrivesWordForWord(t *testing.T) {
	sidecar := newClearpathd(t)
	said := `{"type":"about:blank","title":"Policy has errors","status":422,"detail":"Not saved.","code":"CP-FINDINGS","findings":[{"code":"CP-GUARANTEE-SUM"}]}`
	sidecar.mux.HandleFunc("PUT /api/v1/policies/branch-edge", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", problemJSON)
		w.Header().Set("Set-Cookie", "a=b")
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, said)
	})
	got := send(t, sidecar.datasource(ada), http.MethodPut, "policies/branch-edge", `{"source":"","baseRevision":null}`)
	if got.Status != http.StatusUnprocessableEntity || string(got.Body) != said {
		t.Errorf("status %d: %s", got.Status, got.Body)
	}
	if got.Headers["Content-Type"][0] != problemJSON || len(got.Headers) != 1 {
		t.Errorf("headers %v", got.Headers)
	}
}

func TestADownSidecarIsNamedWithWhatToDo(t *testing.T) {
	url := deadURL(t)
	got := post(t, configured(url, rightToken, ada), "bindings/branch-wan/apply", `{"plan":"x"}`)
	p := problemOf(t, got)
	if got.Status != http.StatusBadGateway || p.Code != "CP-BRIDGE-NO-ANSWER" {
		t.Errorf("status %d: %s", got.Status, got.Body)
	}
	says(t, p.Detail, url, "connection refused", "Nothing was read or changed", "Start clearpathd", "datasource's settings")
}

func TestAWrongTokenIsNotTheUsersFault(t *testing.T) {
	sidecar := newClearpathd(t)
	got := get(t, configured(sidecar.URL, "wrong", ada), "policies")
	p := problemOf(t, got)
	if got.Status != http.StatusBadGateway || p.Code != "CP-BRIDGE-TOKEN" {
		t.Errorf("status %d: %s", got.Status, got.Body)
	}
	says(t, p.Detail, "The sidecar at "+sidecar.URL+" refused this datasource's token", "datasource's settings")
	if strings.Contains(string(got.Body), "wrong") {
		t.Error("the message repeats the token")
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := newClearpathd(t)
	here := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/api/v1/policies", http.StatusTemporaryRedirect))
	t.Cleanup(here.Close)
	got := get(t, configured(here.URL, rightToken, ada), "policies")
	if p := problemOf(t, got); got.Status != http.StatusBadGateway || p.Code != "CP-BRIDGE-NOT-A-SIDECAR" {
		t.Errorf("status %d: %s", got.Status, got.Body)
	}
	if n := len(elsewhere.seen()); n != 0 {
		t.Error("the token went elsewhere")
	}
}

func TestAnotherServerAtTheURLIsNotTakenForASidecar(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusUnauthorized, http.StatusNotFound, http.StatusBadGateway} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			fmt.Fprint(w, "<script>alert(1)</script>")
		}))
		t.Cleanup(web.Close)
		got := get(t, configured(web.URL, rightToken, ada), "policies")
		p := problemOf(t, got)
		if got.Status != http.StatusBadGateway || p.Code != "CP-BRIDGE-NOT-A-SIDECAR" {
			t.Errorf("status %d: %s", got.Status, got.Body)
		}
		says(t, p.Detail, web.URL, fmt.Sprint(status), "text/html", "Correct the sidecar URL")
	}
}

func TestHTTPSToASidecarWithoutTLSSaysSo(t *testing.T) {
	sidecar := newClearpathd(t)
	got := get(t, configured(strings.Replace(sidecar.URL, "http:", "https:", 1), rightToken, ada), "policies")
	says(t, problemOf(t, got).Detail, "does not speak TLS")
}

func TestACertificateNobodyTrustsSaysSo(t *testing.T) {
	web := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	got := get(t, configured(web.URL, rightToken, ada), "policies")
	says(t, problemOf(t, got).Detail, web.URL, "certificate")
}

func TestABodyAboveOneMiBIsNotSent(t *testing.T) {
	sidecar := newClearpathd(t)
	from := sidecar.datasource(ada)
	if got := post(t, from, "policies/validate", strings.Repeat(" ", maxRequest)); got.Status != http.StatusOK {
		t.Errorf("1 MiB: status %d: %s", got.Status, got.Body)
	}
	before := len(sidecar.seen())
	got := post(t, from, "policies/validate", strings.Repeat(" ", maxRequest+1))
	if got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", got.Status)
	}
	says(t, problemOf(t, got).Detail, "1 MiB", "Nothing was sent")
	if len(sidecar.seen()) != before {
		t.Error("it was sent")
	}
}

func TestABodyThatIsNotDeclaredJSONIsNotSent(t *testing.T) {
	sidecar := newClearpathd(t)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		got := call(t, &backend.CallResourceRequest{
			PluginContext: sidecar.datasource(ada), Method: http.MethodPost, Path: "bindings/branch-wan/rollback",
			Headers: map[string][]string{"Content-Type": {kind}}, Body: []byte(`{}`),
		})
		if problemOf(t, got); got.Status != http.StatusUnsupportedMediaType {
			t.Errorf("%q: status %d", kind, got.Status)
		}
	}
	if n := len(sidecar.seen()); n != 0 {
		t.Errorf("%d requests reached the sidecar", n)
	}
}

func TestAnAnswerAbove15MiBIsAClearError(t *testing.T) {
	sidecar := newClearpathd(t)
	size := 0
	sidecar.mux.HandleFunc("GET /api/v1/deployments", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, strings.Repeat(" ", size))
	})
	from := sidecar.datasource(ada)
	size = maxAnswer
	if got := get(t, from, "deployments"); got.Status != http.StatusOK || len(got.Body) != maxAnswer {
		t.Errorf("15 MiB: status %d, %d bytes", got.Status, len(got.Body))
	}
	size = maxAnswer + 1
	got := get(t, from, "deployments")
	if got.Status != http.StatusBadGateway {
		t.Errorf("status %d", got.Status)
	}
	says(t, problemOf(t, got).Detail, "15 MiB", "Ask for less")
}

func TestAWriteThatBreaksOffIsNotCalledUndone(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.mux.HandleFunc("/api/v1/bindings/", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	from := sidecar.datasource(ada)
	says(t, problemOf(t, post(t, from, "bindings/branch-wan/apply", `{"plan":"x"}`)).Detail, "may or may not have been made")
	says(t, problemOf(t, post(t, from, "bindings/branch-wan/plan", `{}`)).Detail, "Nothing was changed")
}

func TestASlowSidecarIsATimeout(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.mux.HandleFunc("/api/v1/policies", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	direct := newSidecar(settings{url: sidecar.URL, token: rightToken})
	_, wrong := direct.ask(ctx, caller{role: "Viewer"}, request{method: http.MethodGet, path: "/api/v1/policies"})
	if wrong == nil || wrong.Status != http.StatusGatewayTimeout {
		t.Fatalf("got %+v", wrong)
	}
	says(t, wrong.Detail, sidecar.URL, "did not answer in time", "Nothing was changed")
}

// says checks that a message to an operator holds each of these.
func says(t *testing.T, message string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("%q does not say %q", message, part)
		}
	}
}
