package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// route is one thing of the sidecar's API that a Grafana page may ask for.
type route struct {
	method string
	shape  string   // below /api/v1; {name}, {bound}, {kind}, {number} and {ulid} stand for one segment of that form
	query  []string // parameters passed on; any other is dropped
	limit  time.Duration
	writes bool // its outcome is unknown when the connection breaks
}

const (
	apiRoot = "/api/v1/"
	quick   = 30 * time.Second
	// Planning reads a device's live state, applying also verifies it: both wait for the device.
	patient = 2 * time.Minute
)

// border is the whole of what crosses by a resource call. Events and queries do not: they have calls of their own
// (stream.go, query.go).
var border = []route{
	{method: http.MethodGet, shape: "openapi.json", limit: quick},
	{method: http.MethodGet, shape: "whoami", limit: quick},
	{method: http.MethodPost, shape: "policies/validate", limit: quick},
	{method: http.MethodPost, shape: "policies/fix", limit: quick},
	{method: http.MethodGet, shape: "findings", limit: quick},
	{method: http.MethodGet, shape: "policies", limit: quick},
	{method: http.MethodGet, shape: "policies/{name}", limit: quick},
	{method: http.MethodPut, shape: "policies/{name}", limit: quick, writes: true},
	{method: http.MethodDelete, shape: "policies/{name}", limit: patient, writes: true},
	{method: http.MethodGet, shape: "policies/{name}/versions", limit: quick},
	{method: http.MethodGet, shape: "policies/{name}/changes", query: []string{"from", "to"}, limit: quick},
	{method: http.MethodPost, shape: "policies/{name}/restore", limit: quick, writes: true},
	{method: http.MethodGet, shape: "templates", limit: quick},
	{method: http.MethodGet, shape: "targets", limit: quick},
	{method: http.MethodPost, shape: "targets/{name}/import", limit: patient},
	{method: http.MethodGet, shape: "documents/{kind}", limit: patient},
	{method: http.MethodPost, shape: "documents/{kind}/validate", limit: patient},
	{method: http.MethodGet, shape: "documents/{kind}/{name}", limit: patient},
	{method: http.MethodPut, shape: "documents/{kind}/{name}", limit: patient, writes: true},
	{method: http.MethodDelete, shape: "documents/{kind}/{name}", limit: patient, writes: true},
	{method: http.MethodGet, shape: "documents/{kind}/{name}/versions", limit: quick},
	{method: http.MethodGet, shape: "documents/{kind}/{name}/versions/{number}", limit: quick},
	{method: http.MethodGet, shape: "documents/{kind}/{name}/changes", query: []string{"from", "to"}, limit: quick},
	{method: http.MethodPost, shape: "documents/{kind}/{name}/restore", limit: patient, writes: true},
	{method: http.MethodGet, shape: "bindings", limit: quick},
	{method: http.MethodGet, shape: "bindings/{bound}/drift", limit: patient},
	{method: http.MethodPost, shape: "bindings/{bound}/adopt", limit: patient},
	{method: http.MethodPost, shape: "bindings/{bound}/plan", limit: patient},
	{method: http.MethodPost, shape: "bindings/{bound}/apply", limit: patient, writes: true},
	{method: http.MethodPost, shape: "bindings/{bound}/confirm", limit: patient, writes: true},
	{method: http.MethodPost, shape: "bindings/{bound}/rollback", limit: patient, writes: true},
	{method: http.MethodPost, shape: "bindings/{bound}/rollback-plan", limit: patient},
	{method: http.MethodPost, shape: "bindings/{bound}/proofs", limit: quick, writes: true},
	{method: http.MethodGet, shape: "proofs", query: []string{"policy", "limit"}, limit: quick},
	{method: http.MethodGet, shape: "proofs/{ulid}", limit: quick},
	{method: http.MethodGet, shape: "rollouts", query: []string{"binding", "limit"}, limit: quick},
	{method: http.MethodGet, shape: "rollouts/{ulid}", limit: quick},
	{method: http.MethodPost, shape: "rollouts/waves", limit: quick},
	{method: http.MethodPost, shape: "rollouts", limit: quick, writes: true},
	{method: http.MethodPost, shape: "rollouts/{ulid}/stop", limit: quick, writes: true},
	{method: http.MethodPost, shape: "rollouts/{ulid}/confirm", limit: patient, writes: true},
	{method: http.MethodPost, shape: "rollouts/{ulid}/resume", limit: quick, writes: true},
	{method: http.MethodGet, shape: "deployments", query: []string{"binding", "limit"}, limit: quick},
	{method: http.MethodGet, shape: "deployments/{ulid}", limit: quick},
	{method: http.MethodGet, shape: "audit", query: []string{"by", "action", "subject", "outcome", "search", "from", "to", "before", "limit"}, limit: quick},
	{method: http.MethodGet, shape: "audit/verify", limit: patient},
	{method: http.MethodGet, shape: "sla", query: []string{"binding"}, limit: quick},
	{method: http.MethodGet, shape: "violations", query: []string{"open", "from", "to"}, limit: quick},
}

// nameShape is the rule for the names of documents; a ULID is 128 bits in Crockford's base 32.
const nameShape = `[a-z][a-z0-9-]{0,62}`

// boundShape is the rule for a binding on one of its interfaces: uplinks, uplinks.wan0, uplinks.graz.wan0.
const boundShape = nameShape + `(?:\.[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,79})?`

var (
	nameRule  = regexp.MustCompile(`^` + nameShape + `$`)
	boundRule = regexp.MustCompile(`^` + boundShape + `$`)
	kindRule  = regexp.MustCompile(`^(?:bindings|targets)$`)
	countRule = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
	ulidRule  = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
)

// crossing is a resource call that the border lets through, rebuilt from the table: nothing of the path or query that
// arrived is passed on but segments and parameters that were checked.
type crossing struct {
	route
	path   string
	params url.Values
}

// cross finds the route of a resource call. Grafana hands the path over decoded once (12.2), so that an encoded slash
// is a separator by now and each part of it is checked as a segment; one that was encoded twice shows as a percent sign.
func cross(method, path, rawQuery string) (crossing, *problem) {
	segments, why := segmentsOf(path)
	if why != "" {
		return crossing{}, newProblem(http.StatusBadRequest, "CP-BRIDGE-PATH", "Path refused",
			fmt.Sprintf("The path %.200q %s. Nothing was sent to the sidecar.", path, why))
	}
	given, err := url.ParseQuery(rawQuery)
	if err != nil {
		return crossing{}, newProblem(http.StatusBadRequest, "CP-BRIDGE-PATH", "Query string refused",
			"The query string cannot be read. Nothing was sent to the sidecar.")
	}
	var otherMethods []string
	for _, r := range border {
		if !r.fits(segments) {
			continue
		}
		if r.method == method {
			return crossing{route: r, path: apiRoot + strings.Join(segments, "/"), params: pick(given, r.query)}, nil
		}
		otherMethods = append(otherMethods, r.method)
	}
	if otherMethods != nil {
		return crossing{}, newProblem(http.StatusMethodNotAllowed, "CP-BRIDGE-METHOD", "Method not allowed",
			fmt.Sprintf("%q answers %s, not %.20q. Nothing was sent to the sidecar.", path, strings.Join(otherMethods, ", "), method))
	}
	return crossing{}, newProblem(http.StatusNotFound, "CP-BRIDGE-NO-ROUTE", "No such resource",
		fmt.Sprintf("%.200q is nothing that this datasource forwards: either the resource does not exist, or a name in it is not one "+
			"(lower-case letters, digits and hyphens, beginning with a letter, at most 63). Nothing was sent to the sidecar.", path))
}

func segmentsOf(path string) (segments []string, refused string) {
	segments = strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, s := range segments {
		switch {
		case s == "":
			return nil, "has an empty segment"
		case s == "." || s == "..":
			return nil, "climbs out of its place"
		case strings.ContainsAny(s, `%\`):
			return nil, "holds an encoded character or a backslash"
		case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
			return nil, "holds a space, a control character or one outside ASCII"
		}
	}
	return segments, ""
}

func (r route) fits(segments []string) bool {
	return slices.EqualFunc(strings.Split(r.shape, "/"), segments, func(want, got string) bool {
		switch want {
		case "{name}":
			return nameRule.MatchString(got)
		case "{bound}":
			return boundRule.MatchString(got)
		case "{kind}":
			return kindRule.MatchString(got)
		case "{number}":
			return countRule.MatchString(got)
		case "{ulid}":
			return ulidRule.MatchString(got)
		default:
			return want == got
		}
	})
}

func pick(given url.Values, wanted []string) url.Values {
	picked := url.Values{}
	for _, key := range wanted {
		if values, ok := given[key]; ok {
			picked[key] = values
		}
	}
	return picked
}
