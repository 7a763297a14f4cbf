package main

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// problem is RFC 9457's problem details in the shape of backend/api/contract.ts, for what goes wrong in the bridge
// itself and for reading what the sidecar says went wrong. Codes that begin with CP-BRIDGE are the bridge's own.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`
}

const problemJSON = "application/problem+json"

func newProblem(status int, code, title, detail string) *problem {
	return &problem{Type: "about:blank", Title: title, Status: status, Detail: detail, Code: code}
}

// message is what an operator reads where only one line of text has room: a panel, an alert, a health check.
func (p *problem) message() string {
	if p.Detail != "" {
		return p.Detail
	}
	return p.Title
}

func (p *problem) response() *backend.CallResourceResponse {
	body, err := json.Marshal(p)
	if err != nil { // strings and an int: cannot happen
		body = []byte(`{}`)
	}
	return &backend.CallResourceResponse{
		Status:  p.Status,
		Headers: map[string][]string{"Content-Type": {problemJSON}},
		Body:    body,
	}
}

func (p *problem) dataResponse() backend.DataResponse {
	return backend.ErrDataResponseWithSource(backend.Status(p.Status), backend.ErrorSourceDownstream, p.message())
}

// problemIn reads the problem out of an answer that is none of success.
func problemIn(a answer) *problem {
	p := &problem{}
	if err := json.Unmarshal(a.body, p); err != nil || p.Title == "" {
		p = newProblem(a.status, "CP-BRIDGE-UNEXPLAINED", http.StatusText(a.status),
			strings.TrimSpace("The sidecar refused with status "+statusLine(a.status)+" and gave no reason."))
	}
	p.Status = a.status
	return p
}
