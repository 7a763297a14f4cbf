package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func frameOf(t *testing.T, text string) (*data.Frame, error) {
	t.Helper()
	var w wireFrame
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	return toFrame(w, "A")
}

func TestEveryTypeOfFieldConvertsWithItsGaps(t *testing.T) {
	frame, err := frameOf(t, `{"name":"t","type":"table","fields":[
		{"name":"n","type":"number","values":[1.5,null,-3]},
		{"name":"s","type":"string","values":["a",null,""]},
		{"name":"b","type":"boolean","values":[true,null,false]},
		{"name":"t","type":"time","values":[0,1700000000123,1700000000123.25]},
		{"name":"e","type":"time","values":[null,1,null]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []data.FieldType{
		data.FieldTypeNullableFloat64, data.FieldTypeNullableString, data.FieldTypeNullableBool, data.FieldTypeTime, data.FieldTypeNullableTime,
	} {
		if got := frame.Fields[i].Type(); got != want {
			t.Errorf("field %s is %s, not %s", frame.Fields[i].Name, got, want)
		}
		if i != 3 && frame.Fields[i].NilAt(1) != (i != 4) {
			t.Errorf("field %s has its gap elsewhere", frame.Fields[i].Name)
		}
	}
	if got := frame.Fields[3].At(2).(time.Time); got.UnixMicro() != 1700000000123250 {
		t.Errorf("a fraction of a millisecond became %v", got)
	}
	if *frame.Fields[2].At(2).(*bool) || *frame.Fields[1].At(2).(*string) != "" {
		t.Error("false or empty became something else")
	}
}

func TestFramesCarryTheTypeThatAlertRulesAskFor(t *testing.T) {
	for kind, want := range map[string]data.FrameType{
		"timeseries-wide": "timeseries-wide", "timeseries-multi": "timeseries-multi", "numeric-wide": "numeric-wide", "numeric-long": "numeric-long",
	} {
		frame, err := frameOf(t, `{"name":"x","type":"`+kind+`","fields":[]}`)
		if err != nil || frame.Meta == nil || frame.Meta.Type != want || frame.Meta.TypeVersion != (data.FrameTypeVersion{0, 1}) {
			t.Errorf("%s: %+v, %v", kind, frame, err)
		}
		if frame.RefID != "A" {
			t.Errorf("%s: refId %q", kind, frame.RefID)
		}
	}
	if frame, err := frameOf(t, `{"name":"x","type":"table","fields":[]}`); err != nil || frame.Meta != nil {
		t.Errorf("a table carries %+v, %v", frame.Meta, err)
	}
}

func TestAColumnOfTimesThatIsEmptyIsStillTheTimeOfASeries(t *testing.T) {
	frame, err := frameOf(t, `{"name":"x","type":"timeseries-wide","fields":[{"name":"time","type":"time","values":[]}]}`)
	if err != nil || frame.Fields[0].Type() != data.FieldTypeTime {
		t.Errorf("%v, %v", frame, err)
	}
}

func TestFramesThatBreakTheContractAreNamed(t *testing.T) {
	for text, part := range map[string]string{
		`{"name":"x","type":"","fields":[]}`:                                                                                               `unknown type ""`,
		`{"name":"x","type":"table","fields":[{"name":"f","type":"date","values":[]}]}`:                                                    `field "f": unknown type "date"`,
		`{"name":"x","type":"table","fields":[{"name":"f","type":"number","values":["1"]}]}`:                                               `field "f"`,
		`{"name":"x","type":"table","fields":[{"name":"f","type":"number","values":null}]}`:                                                `values are null`,
		`{"name":"x","type":"table","fields":[{"name":"f","type":"number"}]}`:                                                              `field "f"`,
		`{"name":"x","type":"table","fields":[{"name":"f","type":"number","values":[1]},{"name":"g","type":"string","values":["a","b"]}]}`: `frame "x"`,
	} {
		_, err := frameOf(t, text)
		if err == nil {
			t.Errorf("%s was accepted", text)
			continue
		}
		says(t, err.Error(), part)
	}
}
