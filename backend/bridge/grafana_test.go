package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/datasourcetest"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// The tests stand where Grafana stands: every call goes through the SDK's own gRPC server and instance management, as
// it does in production, to one bridge process' worth of plugin.
var (
	plugin  datasourcetest.TestPlugin
	streams pluginv2.StreamClient
)

// testPace makes reconnections visible within a test.
var testPace = pace{first: 20 * time.Millisecond, most: 80 * time.Millisecond, silence: 500 * time.Millisecond}

func TestMain(m *testing.M) {
	os.Exit(func() int {
		address, err := freeAddress()
		if err == nil {
			plugin, err = datasourcetest.Manage(newHastyBridge, datasourcetest.ManageOpts{Address: address})
		}
		if err == nil {
			defer func() { _ = plugin.Shutdown() }()
			var conn *grpc.ClientConn
			conn, err = grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
			streams = pluginv2.NewStreamClient(conn)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "The plugin server did not start:", err)
			return 1
		}
		return m.Run()
	}())
}

func newHastyBridge(ctx context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	made, err := newBridge(ctx, s)
	made.(*bridge).pace = testPace
	return made, err
}

// freeAddress is one where nothing listens.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

func deadURL(t *testing.T) string {
	t.Helper()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + address
}

var datasources atomic.Int64

// configured is the plugin context Grafana sends along with every call to a datasource with these settings.
func configured(url, token string, user *backend.User) backend.PluginContext {
	visible, _ := json.Marshal(map[string]string{"url": url})
	id := datasources.Add(1)
	return backend.PluginContext{
		OrgID:    1,
		PluginID: pluginID,
		User:     user,
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			ID:                      id,
			UID:                     fmt.Sprintf("clearpath-%d", id),
			JSONData:                visible,
			DecryptedSecureJSONData: map[string]string{"token": token},
			Updated:                 time.UnixMilli(1),
		},
	}
}

var (
	ada       = &backend.User{Login: "ada", Name: "Ada", Email: "ada@example.org", Role: "Admin"}
	anonymous = &backend.User{Role: "Viewer"}
	scheduler = &backend.User{Login: "grafana_scheduler", Role: "Admin"}
)

func call(t *testing.T, req *backend.CallResourceRequest) *backend.CallResourceResponse {
	t.Helper()
	var got *backend.CallResourceResponse
	err := plugin.Client.CallResource(t.Context(), req, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
		got = r
		return nil
	}))
	if err != nil || got == nil {
		t.Fatalf("no response to %s %s: %v", req.Method, req.Path, err)
	}
	return got
}

func get(t *testing.T, from backend.PluginContext, path string) *backend.CallResourceResponse {
	t.Helper()
	return call(t, &backend.CallResourceRequest{PluginContext: from, Method: http.MethodGet, Path: path, URL: path})
}

func post(t *testing.T, from backend.PluginContext, path, body string) *backend.CallResourceResponse {
	t.Helper()
	return send(t, from, http.MethodPost, path, body)
}

func send(t *testing.T, from backend.PluginContext, method, path, body string) *backend.CallResourceResponse {
	t.Helper()
	return call(t, &backend.CallResourceRequest{
		PluginContext: from, Method: method, Path: path, URL: path, Body: []byte(body),
		Headers: map[string][]string{"Content-Type": {"application/json"}},
	})
}

// problemOf checks what a page relies on in every problem, and returns it.
func problemOf(t *testing.T, r *backend.CallResourceResponse) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(r.Body, &p); err != nil {
		t.Fatalf("not a problem: %s", r.Body)
	}
	if got := r.Headers["Content-Type"]; len(got) != 1 || got[0] != problemJSON {
		t.Errorf("content type is %q", got)
	}
	if p.Status != r.Status || p.Title == "" || p.Detail == "" || p.Code == "" {
		t.Errorf("incomplete problem with status %d: %s", r.Status, r.Body)
	}
	return p
}
