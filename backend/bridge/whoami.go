package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
)

// standing is `Caller` of backend/api/contract.ts: what the sidecar makes of a user. The bridge reads it and does not
// work it out.
type standing struct {
	Login  *string  `json:"login"`
	Role   string   `json:"role"`
	Tenant string   `json:"tenant"`
	Can    []string `json:"can"`
}

func (s standing) canRead() bool { return slices.Contains(s.Can, "read") }

func (b *bridge) whoami(ctx context.Context, who caller) (standing, *problem) {
	r := request{method: http.MethodGet, path: apiRoot + "whoami"}
	ctx, cancel := context.WithTimeout(ctx, quick)
	defer cancel()
	got, wrong := b.sidecar.ask(ctx, who, r)
	if wrong != nil {
		return standing{}, wrong
	}
	if got.status == http.StatusNotFound {
		return standing{}, b.sidecar.notASidecar(r, "does not know "+r.path)
	}
	if !got.ok() {
		return standing{}, problemIn(got)
	}
	var s standing
	if err := json.Unmarshal(got.body, &s); err != nil || s.Role == "" {
		return standing{}, b.sidecar.notASidecar(r, "answered something else than who is asking")
	}
	return s, nil
}
