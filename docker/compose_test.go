// Package docker holds what the containers of docker-compose.yaml are made from. These tests hold that file to the
// Compose specification and to what it promises about rights, ports and settings.
package docker

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

const (
	root     = ".."
	compose  = root + "/docker-compose.yaml"
	example  = root + "/.env.example"
	loopback = "127.0.0.1"
)

// document is the file as it stands: anchors and merges resolved, variables not.
func document(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile(compose)
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// project is what Compose makes of the file without an .env: references between its parts are checked as well.
func project(t *testing.T) *types.Project {
	t.Helper()
	where, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  where,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(where, "docker-compose.yaml")}},
		Environment: types.Mapping{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func service(t *testing.T, name string) types.ServiceConfig {
	t.Helper()
	found, err := project(t).GetService(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestFileKeepsToTheComposeSpecification(t *testing.T) {
	if err := schema.Validate(document(t)); err != nil {
		t.Fatal(err)
	}
}

func TestKeyThatTheSpecificationDoesNotKnowIsRejected(t *testing.T) {
	services := func(read map[string]any) map[string]any { return read["services"].(map[string]any) }
	for name, spoil := range map[string]func(map[string]any){
		"misspelt key of a service": func(read map[string]any) {
			services(read)["traffic-control"].(map[string]any)["cap_dorp"] = []any{"ALL"}
		},
		"misspelt key at the top": func(read map[string]any) { read["service"] = map[string]any{} },
		"value of another type": func(read map[string]any) {
			services(read)["grafana"].(map[string]any)["ports"] = "127.0.0.1:3001:3000"
		},
	} {
		t.Run(name, func(t *testing.T) {
			read := document(t)
			spoil(read)
			if err := schema.Validate(read); err == nil {
				t.Fatal("accepted")
			}
		})
	}
}

func TestSidecarHasTheRightToShapeAndNoOther(t *testing.T) {
	sidecar := service(t, "traffic-control")
	if !slices.Equal(sidecar.CapDrop, []string{"ALL"}) || !slices.Equal(sidecar.CapAdd, []string{"NET_ADMIN"}) {
		t.Errorf("drops %v and adds %v", sidecar.CapDrop, sidecar.CapAdd)
	}
	if sidecar.Privileged || len(sidecar.Devices) > 0 || sidecar.Pid != "" || sidecar.Ipc != "" || sidecar.NetworkMode != "" {
		t.Error("has more of the host than its capability")
	}
	if !slices.Contains(sidecar.SecurityOpt, "no-new-privileges:true") {
		t.Error("may gain privileges")
	}
	if !sidecar.ReadOnly {
		t.Error("may write to its root file system")
	}
}

func TestSidecarIsJudgedByItsOwnReadiness(t *testing.T) {
	check := service(t, "traffic-control").HealthCheck
	if check == nil || check.Disable || !strings.Contains(strings.Join(check.Test, " "), ":8003/readyz") {
		t.Fatalf("health check: %+v", check)
	}
	for _, name := range []string{"grafana", "prometheus"} {
		if service(t, name).DependsOn["traffic-control"].Condition != types.ServiceConditionHealthy {
			t.Errorf("%s does not wait for it", name)
		}
	}
}

func TestPortsArePublishedAsDocumentedAndOnLoopbackOnly(t *testing.T) {
	published := map[string][]string{}
	for name, each := range project(t).Services {
		if each.NetworkMode == "host" {
			t.Errorf("%s has every port of the host", name)
		}
		for _, port := range each.Ports {
			published[name] = append(published[name], port.Published)
			if port.HostIP != loopback {
				t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
			}
		}
	}
	for name, port := range map[string]string{"traffic-control": "8003", "grafana": "3001", "prometheus": "9090"} {
		if !slices.Equal(published[name], []string{port}) {
			t.Errorf("%s is published on %v instead of %s", name, published[name], port)
		}
		delete(published, name)
	}
	if len(published) > 0 {
		t.Errorf("published as well: %v", published)
	}
}

func TestEveryVariableIsInTheExampleWithItsDefault(t *testing.T) {
	shown, err := dotenv.Read(example)
	if err != nil {
		t.Fatal(err)
	}
	used := template.ExtractVariables(document(t), template.DefaultPattern)
	for name, variable := range used {
		if value, found := shown[name]; !found || value != variable.DefaultValue {
			t.Errorf("%s is %q by default, and %q in .env.example", name, variable.DefaultValue, value)
		}
	}
	for name := range shown {
		if _, found := used[name]; !found {
			t.Errorf("%s of .env.example is not used", name)
		}
	}
}

func TestWhatIsMountedOrBuiltIsInTheRepository(t *testing.T) {
	loaded := project(t)
	exists := func(name, path string) {
		inside, err := filepath.Rel(loaded.WorkingDir, path)
		if err != nil || !filepath.IsLocal(inside) {
			t.Errorf("%s takes %s, which is outside of the repository", name, path)
			return
		}
		if _, err := os.Stat(path); err != nil && inside != "dist" { // dist is what "npm run build" makes
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, each := range loaded.Services {
		for _, volume := range each.Volumes {
			if volume.Type == types.VolumeTypeBind {
				exists(name, volume.Source)
				if !volume.ReadOnly {
					t.Errorf("%s may change %s", name, volume.Source)
				}
			}
		}
		if each.Build != nil {
			exists(name, filepath.Join(each.Build.Context, each.Build.Dockerfile))
		}
	}
}
