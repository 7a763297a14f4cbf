package main

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// CallResource carries the app's REST calls. The sidecar's status and body are passed on as they are, findings and
// all; only its 401 is not, because that one is about the datasource's token, not about the user (see ask).
func (b *bridge) CallResource(ctx context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	got, wrong := b.forward(ctx, req)
	if wrong != nil {
		return sender.Send(wrong.response())
	}
	response := &backend.CallResourceResponse{Status: got.status, Body: got.body}
	if got.contentType != "" {
		response.Headers = map[string][]string{"Content-Type": {got.contentType}}
	}
	return sender.Send(response)
}

func (b *bridge) forward(ctx context.Context, req *backend.CallResourceRequest) (answer, *problem) {
	who, wrong := b.enter(req.PluginContext)
	if wrong != nil {
		return answer{}, wrong
	}
	_, rawQuery, _ := strings.Cut(req.URL, "?")
	over, wrong := cross(req.Method, req.Path, rawQuery)
	if wrong != nil {
		return answer{}, wrong
	}
	r := request{method: over.method, path: over.path, params: over.params, writes: over.writes}
	if over.method != http.MethodGet {
		if wrong := checkBody(req); wrong != nil {
			return answer{}, wrong
		}
		r.body = req.Body
	}
	ctx, cancel := context.WithTimeout(ctx, over.limit)
	defer cancel()
	return b.sidecar.ask(ctx, who, r)
}

func checkBody(req *backend.CallResourceRequest) *problem {
	if len(req.Body) > maxRequest {
		return bodyTooLarge(len(req.Body))
	}
	// A form of another site can be sent with a Grafana user's cookie, but not as JSON.
	kind, _, err := mime.ParseMediaType(req.GetHTTPHeader("Content-Type"))
	if err != nil || kind != "application/json" {
		return newProblem(http.StatusUnsupportedMediaType, "CP-BRIDGE-CONTENT-TYPE", "Body is not JSON",
			"The sidecar takes bodies of type application/json only. Nothing was sent to it.")
	}
	return nil
}

func bodyTooLarge(size int) *problem {
	return newProblem(http.StatusRequestEntityTooLarge, "CP-BRIDGE-BODY-TOO-LARGE", "Request is too large",
		fmt.Sprintf("The request holds %.1f MiB; the sidecar is sent %d MiB at most. Nothing was sent to it. Split the document.",
			float64(size)/(1<<20), maxRequest>>20))
}
