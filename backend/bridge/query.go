package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// QueryData asks the sidecar once for all queries of one time range, which is once for all but alert rules and
// expressions whose queries look back over different times.
func (b *bridge) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	out := backend.NewQueryDataResponse()
	who, wrong := b.enter(req.PluginContext)
	if wrong != nil {
		for _, q := range req.Queries {
			out.Responses[q.RefID] = wrong.dataResponse()
		}
		return out, nil
	}
	for _, s := range spans(req.Queries) {
		b.querySpan(ctx, who, s, out.Responses)
	}
	return out, nil
}

// maxPoints is what QueryRequest in backend/api/contract.ts allows; alert rules ask for 43,200.
const maxPoints = 20_000

// span is what one QueryRequest can hold: queries over the same time at the same resolution.
type span struct {
	window
	queries []backend.DataQuery
}

type window struct {
	From          int64 `json:"from"` // ms since the epoch
	To            int64 `json:"to"`
	MaxDataPoints int64 `json:"maxDataPoints,omitempty"`
}

func spans(queries []backend.DataQuery) []*span {
	var all []*span
	byWindow := map[window]*span{}
	for _, q := range queries {
		w := window{
			From:          q.TimeRange.From.UnixMilli(),
			To:            q.TimeRange.To.UnixMilli(),
			MaxDataPoints: max(0, min(q.MaxDataPoints, maxPoints)),
		}
		if byWindow[w] == nil {
			byWindow[w] = &span{window: w}
			all = append(all, byWindow[w])
		}
		byWindow[w].queries = append(byWindow[w].queries, q)
	}
	return all
}

func (b *bridge) querySpan(ctx context.Context, who caller, s *span, out backend.Responses) {
	var models []json.RawMessage
	var asked []string
	for _, q := range s.queries {
		model, err := modelOf(q)
		if err != nil {
			out[q.RefID] = backend.ErrDataResponseWithSource(backend.StatusBadRequest, backend.ErrorSourceDownstream,
				"This query cannot be read ("+err.Error()+"). It was not sent to the sidecar; edit it in the panel or rule.")
			continue
		}
		models, asked = append(models, model), append(asked, q.RefID)
	}
	if len(asked) == 0 {
		return
	}
	results, wrong := b.query(ctx, who, s.window, models)
	for _, refID := range asked {
		if wrong != nil {
			out[refID] = wrong.dataResponse()
			continue
		}
		out[refID] = toDataResponse(refID, results)
	}
}

// modelOf is the query as the panel or rule holds it, under the refId that Grafana gave it.
func modelOf(q backend.DataQuery) (json.RawMessage, error) {
	var model map[string]json.RawMessage
	if err := json.Unmarshal(q.JSON, &model); err != nil {
		return nil, err
	}
	if model == nil {
		return nil, errors.New("it is null")
	}
	refID, err := json.Marshal(q.RefID)
	if err != nil {
		return nil, err
	}
	model["refId"] = refID
	return json.Marshal(model)
}

// result is one entry of `QueryResponse` of backend/api/contract.ts.
type result struct {
	Frames []wireFrame `json:"frames"`
	Error  string      `json:"error"`
	Status int         `json:"status"`
}

func (b *bridge) query(ctx context.Context, who caller, w window, models []json.RawMessage) (map[string]result, *problem) {
	body, err := json.Marshal(struct {
		window
		Queries []json.RawMessage `json:"queries"`
	}{w, models})
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "CP-BRIDGE-QUERY", "Query cannot be sent", err.Error())
	}
	if len(body) > maxRequest {
		return nil, bodyTooLarge(len(body))
	}
	r := request{method: http.MethodPost, path: apiRoot + "query", body: body}
	ctx, cancel := context.WithTimeout(ctx, quick)
	defer cancel()
	got, wrong := b.sidecar.ask(ctx, who, r)
	if wrong != nil {
		return nil, wrong
	}
	if !got.ok() {
		return nil, problemIn(got)
	}
	var response struct {
		Results map[string]result `json:"results"`
	}
	if err := json.Unmarshal(got.body, &response); err != nil {
		return nil, b.sidecar.unreadable(r, err.Error())
	}
	return response.Results, nil
}

func toDataResponse(refID string, results map[string]result) backend.DataResponse {
	got, there := results[refID]
	if !there {
		// Not silence: an alert rule would take that for "no data".
		return backend.ErrDataResponseWithSource(backend.StatusBadGateway, backend.ErrorSourceDownstream,
			"The sidecar gave no result for query "+refID+". Use the sidecar and the plugin of the same release.")
	}
	if got.Error != "" {
		return backend.ErrDataResponseWithSource(errorStatus(got.Status), backend.ErrorSourceDownstream, got.Error)
	}
	response := backend.DataResponse{Status: backend.StatusOK}
	for _, w := range got.Frames {
		frame, err := toFrame(w, refID)
		if err != nil {
			return backend.ErrDataResponseWithSource(backend.StatusBadGateway, backend.ErrorSourceDownstream,
				"The sidecar's result cannot be shown: "+err.Error()+". Use the sidecar and the plugin of the same release.")
		}
		response.Frames = append(response.Frames, frame)
	}
	return response
}

func errorStatus(status int) backend.Status {
	switch {
	case status == http.StatusUnauthorized:
		return backend.StatusBadGateway // see unanswered.go
	case status >= 400 && status <= 599:
		return backend.Status(status)
	default:
		return backend.StatusInternal
	}
}
