package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	maxRequest = 1 << 20
	// Grafana's plugin protocol takes 16 MiB a message; the rest is for its own framing.
	maxAnswer = 15 << 20
)

// sidecar is clearpathd as one datasource reaches it. Plain net/http rather than the SDK's client: that one forwards
// the headers of the browser's request where a datasource is set to, and identity must come from callerOf alone.
type sidecar struct {
	url   string
	token string
	http  *http.Client
}

func newSidecar(s settings) *sidecar {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 16,
		// Below the 5 s after which Node closes an idle connection by default: a write sent into that moment could
		// neither be repeated nor known to have failed.
		IdleConnTimeout:        4 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return &sidecar{url: s.url, token: s.token, http: &http.Client{
		Transport: transport,
		// The token is for this address and no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// request is one call to the sidecar. Its path is made of constants and checked segments only.
type request struct {
	method string
	path   string
	params url.Values
	body   []byte
	writes bool
}

// answer is a response that came from a sidecar, whole, whatever its status (but never 401).
type answer struct {
	status      int
	contentType string
	body        []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// ask sends one request and reads the whole answer.
func (s *sidecar) ask(ctx context.Context, who caller, r request) (answer, *problem) {
	resp, wrong := s.send(ctx, who, r, "application/json")
	if wrong != nil {
		return answer{}, wrong
	}
	defer resp.Body.Close()
	return s.read(ctx, resp, r)
}

func (s *sidecar) read(ctx context.Context, resp *http.Response, r request) (answer, *problem) {
	if wrong := s.judge(resp, r); wrong != nil {
		return answer{}, wrong
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, s.broken(ctx, r, err)
	}
	if len(body) > maxAnswer {
		return answer{}, s.answerTooLarge(r)
	}
	return answer{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), body: body}, nil
}

// send returns as soon as the headers are there; the caller closes the body.
func (s *sidecar) send(ctx context.Context, who caller, r request, accept string) (*http.Response, *problem) {
	address := s.url + r.path
	if len(r.params) > 0 {
		address += "?" + r.params.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	if err != nil { // the URL was parsed when the datasource was made
		return nil, misconfigured("has a sidecar URL that is not one", likeThis)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "clearpath-bridge")
	if len(r.body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	who.sign(req.Header)
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, s.broken(ctx, r, err)
	}
	return resp, nil
}

// judge says what is wrong with a response that no sidecar would give to a datasource that is set up well.
func (s *sidecar) judge(resp *http.Response, r request) *problem {
	inJSON := isKind(resp, "application/json") || isKind(resp, problemJSON)
	switch {
	case resp.StatusCode == http.StatusNoContent:
		return nil
	case resp.StatusCode < 200 || resp.StatusCode >= 300 && resp.StatusCode < 400:
		return s.notASidecar(r, "answered with status "+statusLine(resp.StatusCode)+", which is not followed")
	case !inJSON:
		return s.notASidecar(r, fmt.Sprintf("answered with status %s and content type %.80q", statusLine(resp.StatusCode), resp.Header.Get("Content-Type")))
	case resp.StatusCode == http.StatusUnauthorized:
		return s.tokenRefused(r)
	}
	return nil
}

func isKind(resp *http.Response, kind string) bool {
	got, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && got == kind
}
