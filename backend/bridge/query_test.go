package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func query(t *testing.T, from backend.PluginContext, queries ...backend.DataQuery) *backend.QueryDataResponse {
	t.Helper()
	got, err := plugin.Client.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: from,
		Headers:       map[string]string{"http_X-Clearpath-Login": "root", "http_X-Clearpath-Role": "Admin", "FromAlert": "true"},
		Queries:       queries,
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func q(refID, model string) backend.DataQuery {
	return backend.DataQuery{
		RefID: refID, JSON: []byte(model), MaxDataPoints: 500,
		TimeRange: backend.TimeRange{From: time.UnixMilli(1_000), To: time.UnixMilli(61_000)},
	}
}

// answers lets the sidecar answer every query request with these results.
func (c *clearpathd) answers(results string) {
	c.mux.HandleFunc("POST /api/v1/query", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"results":%s}`, results)
	})
}

const emptyResult = `{"frames":[]}`

func TestAllQueriesOfOneTimeRangeAreOneRequestInTheUsersName(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.answers(`{"A":` + emptyResult + `,"B":` + emptyResult + `}`)
	query(t, sidecar.datasource(anonymous),
		q("A", `{"refId":"somebody-else","type":"class-statistics","binding":"branch-wan"}`), q("B", `{"type":"deployments","limit":12345678901234567}`))
	all := sidecar.seen()
	if len(all) != 1 || all[0].method != http.MethodPost || all[0].uri != "/api/v1/query" {
		t.Fatalf("the sidecar was asked %v", all)
	}
	var sent, want any
	_ = json.Unmarshal([]byte(all[0].body), &sent)
	_ = json.Unmarshal([]byte(`{"from":1000,"to":61000,"maxDataPoints":500,"queries":[
		{"refId":"A","type":"class-statistics","binding":"branch-wan"},{"refId":"B","type":"deployments","limit":12345678901234567}]}`), &want)
	if fmt.Sprint(sent) != fmt.Sprint(want) {
		t.Errorf("sent %s", all[0].body)
	}
	if h := all[0].header; h.Get(loginHeader) != "" || h.Get(roleHeader) != "Viewer" {
		t.Errorf("arrived as login %q, role %q", h.Get(loginHeader), h.Get(roleHeader))
	}
}

func TestQueriesOverDifferentTimesAreAskedApart(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.answers(`{"A":` + emptyResult + `,"B":` + emptyResult + `}`)
	late := q("B", `{"type":"deployments"}`)
	late.TimeRange.From = time.UnixMilli(31_000)
	late.MaxDataPoints = 43_200
	got := query(t, sidecar.datasource(scheduler), q("A", `{"type":"deployments"}`), late)
	all := sidecar.seen()
	if len(all) != 2 {
		t.Fatalf("the sidecar was asked %d times", len(all))
	}
	says(t, all[1].body, `"from":31000`, `"maxDataPoints":20000`)
	for refID, r := range got.Responses {
		if r.Error != nil {
			t.Errorf("%s: %v", refID, r.Error)
		}
	}
}

func TestOneQueryThatFailsLeavesTheOthers(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.answers(`{
		"A":{"frames":[{"name":"sla","type":"numeric-wide","fields":[{"name":"violated","type":"number","labels":{"site":"branch"},"values":[1]}]}]},
		"B":{"error":"There is no binding \"nowhere\".","status":404},
		"C":{"error":"The token of something further on is wrong.","status":401},
		"E":{"frames":[{"name":"x","type":"heatmap","fields":[]}]},
		"F":{"frames":[{"name":"x","type":"table","fields":[{"name":"a","type":"number","values":[1]},{"name":"b","type":"number","values":[]}]}]}}`)
	model := `{"type":"sla-compliance"}`
	got := query(t, sidecar.datasource(ada),
		q("A", model), q("B", model), q("C", model), q("D", model), q("E", model), q("F", model), q("G", `[]`), q("H", `null`)).Responses

	if a := got["A"]; a.Error != nil || len(a.Frames) != 1 || a.Frames[0].RefID != "A" {
		t.Errorf("A: %+v", a)
	}
	for refID, want := range map[string]struct {
		status backend.Status
		says   string
	}{
		"B": {http.StatusNotFound, `There is no binding "nowhere".`},
		"C": {http.StatusBadGateway, "further on"},
		"D": {http.StatusBadGateway, "gave no result for query D"},
		"E": {http.StatusBadGateway, `unknown type "heatmap"`},
		"F": {http.StatusBadGateway, `frame "x"`},
		"G": {http.StatusBadRequest, "cannot be read"},
		"H": {http.StatusBadRequest, "cannot be read"},
	} {
		r := got[refID]
		if r.Error == nil || r.Status != want.status || r.ErrorSource != backend.ErrorSourceDownstream {
			t.Errorf("%s: %+v", refID, r)
			continue
		}
		says(t, r.Error.Error(), want.says)
	}
}

func TestAQueryTheSidecarCannotTakeIsAnErrorOfEveryQuery(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.mux.HandleFunc("POST /api/v1/query", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusForbidden, newProblem(http.StatusForbidden, "CP-ROLE", "No role", "You may not read."))
	})
	dead := deadURL(t)
	for _, c := range []struct {
		from   backend.PluginContext
		status backend.Status
		says   string
	}{
		{sidecar.datasource(ada), http.StatusForbidden, "You may not read."},
		{configured(dead, rightToken, scheduler), http.StatusBadGateway, "No sidecar is answering at " + dead},
		{configured(sidecar.URL, "wrong", ada), http.StatusBadGateway, "refused this datasource's token"},
	} {
		for refID, r := range query(t, c.from, q("A", `{}`), q("B", `{}`)).Responses {
			if r.Error == nil || r.Status != c.status {
				t.Errorf("%s: %+v", refID, r)
				continue
			}
			says(t, r.Error.Error(), c.says)
		}
	}
}

func TestFramesKeepTheirMeaningAllTheWayToGrafana(t *testing.T) {
	sidecar := newClearpathd(t)
	sidecar.answers(`{"A":{"frames":[{"name":"rate","type":"timeseries-multi","fields":[
		{"name":"time","type":"time","values":[1700000000000,1700000001000]},
		{"name":"rate","type":"number","labels":{"traffic_class":"voice"},"config":{"displayName":"voice","unit":"bps","description":"Layer 2"},"values":[64000.5,null]}]}]}}`)
	got := query(t, sidecar.datasource(scheduler), q("A", `{"type":"class-statistics"}`)).Responses["A"]
	if got.Error != nil || len(got.Frames) != 1 {
		t.Fatalf("%+v", got)
	}
	frame := got.Frames[0]
	if frame.RefID != "A" || frame.Name != "rate" || frame.Meta.Type != data.FrameTypeTimeSeriesMulti || frame.Meta.TypeVersion != (data.FrameTypeVersion{0, 1}) {
		t.Errorf("frame %+v, meta %+v", frame, frame.Meta)
	}
	if at := frame.Fields[0].At(1).(time.Time); !at.Equal(time.UnixMilli(1700000001000)) {
		t.Errorf("time %v", at)
	}
	rate := frame.Fields[1]
	if *rate.At(0).(*float64) != 64000.5 || rate.At(1).(*float64) != nil {
		t.Errorf("values %v, %v", rate.At(0), rate.At(1))
	}
	if rate.Labels["traffic_class"] != "voice" || rate.Config.DisplayNameFromDS != "voice" || rate.Config.Unit != "bps" || rate.Config.Description != "Layer 2" {
		t.Errorf("labels %v, config %+v", rate.Labels, rate.Config)
	}
}
