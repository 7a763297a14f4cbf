package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// wireFrame is `Frame` of backend/api/contract.ts.
type wireFrame struct {
	Name   string      `json:"name"`
	Type   string      `json:"type"`
	Fields []wireField `json:"fields"`
}

type wireField struct {
	Name   string            `json:"name"`
	Type   string            `json:"type"`
	Labels map[string]string `json:"labels"`
	Config *wireConfig       `json:"config"`
	Values json.RawMessage   `json:"values"`
}

type wireConfig struct {
	DisplayName string `json:"displayName"`
	Unit        string `json:"unit"`
	Description string `json:"description"`
}

// frameTypes are the dataplane types that alert rules go by; a table carries none and is for the eye only.
// https://grafana.github.io/dataplane/contract/
var frameTypes = map[string]data.FrameType{
	"timeseries-wide":  data.FrameTypeTimeSeriesWide,
	"timeseries-multi": data.FrameTypeTimeSeriesMulti,
	"numeric-wide":     data.FrameTypeNumericWide,
	"numeric-long":     data.FrameTypeNumericLong,
	"table":            data.FrameTypeUnknown,
}

// toFrame turns a frame of the sidecar into one of Grafana.
func toFrame(w wireFrame, refID string) (*data.Frame, error) {
	kind, known := frameTypes[w.Type]
	if !known {
		return nil, fmt.Errorf("frame %q is of the unknown type %q", w.Name, w.Type)
	}
	frame := data.NewFrame(w.Name)
	frame.RefID = refID
	if kind != data.FrameTypeUnknown {
		// Without a version above 0.0 the type counts for nothing.
		frame.Meta = &data.FrameMeta{Type: kind, TypeVersion: data.FrameTypeVersion{0, 1}}
	}
	for _, wf := range w.Fields {
		field, err := toField(wf)
		if err != nil {
			return nil, fmt.Errorf("frame %q, field %q: %w", w.Name, wf.Name, err)
		}
		frame.Fields = append(frame.Fields, field)
	}
	if _, err := frame.RowLen(); err != nil {
		return nil, fmt.Errorf("frame %q: %w", w.Name, err)
	}
	return frame, nil
}

func toField(w wireField) (*data.Field, error) {
	values, err := toValues(w.Type, w.Values)
	if err != nil {
		return nil, err
	}
	field := data.NewField(w.Name, nil, values)
	if len(w.Labels) > 0 {
		field.Labels = w.Labels
	}
	if w.Config != nil {
		// displayName proper belongs to the person who edits the panel.
		field.Config = &data.FieldConfig{
			DisplayNameFromDS: w.Config.DisplayName,
			Unit:              w.Config.Unit,
			Description:       w.Config.Description,
		}
	}
	return field, nil
}

// toValues reads a column into the slice type that data.NewField wants, nullable for everything but times.
func toValues(kind string, raw json.RawMessage) (any, error) {
	switch kind {
	case "number":
		return column[float64](raw)
	case "string":
		return column[string](raw)
	case "boolean":
		return column[bool](raw)
	case "time":
		ms, err := column[float64](raw)
		if err != nil {
			return nil, err
		}
		return toTimes(ms), nil
	default:
		return nil, fmt.Errorf("unknown type %q", kind)
	}
}

func column[T any](raw json.RawMessage) ([]*T, error) {
	values := []*T{}
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, err
	}
	if values == nil {
		return nil, errors.New("values are null")
	}
	return values, nil
}

// toTimes keeps a column nullable only where something is missing (the end of an open violation): as the time of a
// series the dataplane accepts nothing but a field that cannot be null.
func toTimes(ms []*float64) any {
	times := make([]time.Time, len(ms))
	nullable := make([]*time.Time, len(ms))
	missing := false
	for i, at := range ms {
		if at == nil {
			missing = true
			continue
		}
		times[i] = time.UnixMicro(int64(*at * 1000)).UTC()
		nullable[i] = &times[i]
	}
	if missing {
		return nullable
	}
	return times
}
