package main

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestEventsAreReadAsTheStandardSays(t *testing.T) {
	stream := ": hello\n\nevent: frame\ndata: one\n\n" +
		"data: no topic\n\n" +
		": still here\n\n" +
		"event:frame\r\nid: 7\r\nretry: 10\r\ndata:two\r\ndata: lines\r\n\r\n" +
		"event: empty\n\n" +
		"event: frame\ndata: cut off"
	var got []event
	if err := readEvents(strings.NewReader(stream), func(e event) error { got = append(got, e); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []event{{"frame", "one"}, {"", "no topic"}, {"frame", "two\nlines"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %q", got)
	}
}

func TestAReaderThatFailsEndsTheReading(t *testing.T) {
	enough := errors.New("enough")
	calls := 0
	err := readEvents(strings.NewReader("data: 1\n\ndata: 2\n\n"), func(event) error { calls++; return enough })
	if err != enough || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestAnEndlessLineIsGivenUp(t *testing.T) {
	err := readEvents(strings.NewReader("data: "+strings.Repeat("x", maxEvent)), func(event) error { return nil })
	if err == nil {
		t.Error("it was read")
	}
}
