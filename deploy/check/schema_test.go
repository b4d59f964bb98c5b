package check

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// schemaFault returns the faults of a dashboard by Grafana's own schema: the types of its foundation SDK, which are generated from it. They
// know the fields of dashboards, of queries to Prometheus, and of the options of the kinds of panels that are registered here. Grafana itself drops a
// field that it does not know, so the panel looks other than it was meant.
func schemaFault(text []byte) error {
	for _, kind := range []variants.PanelcfgConfig{stat.VariantConfig(), timeseries.VariantConfig(), heatmap.VariantConfig()} {
		cog.NewRuntime().RegisterPanelcfgVariant(kind)
	}
	cog.NewRuntime().RegisterDataqueryVariant(prometheus.VariantConfig())
	board := new(dashboard.Dashboard)
	err := board.UnmarshalJSONStrict(text)
	if found := cog.BuildErrors(nil); errors.As(err, &found) && len(found) == 0 { // the library returns an empty list for a good dashboard
		err = board.Validate()
	}
	return err
}

func readBoard(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../grafana/momentum.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheDashboardFollowsGrafanasSchema(t *testing.T) {
	text := readBoard(t)
	if err := schemaFault([]byte(text)); err != nil {
		t.Error(err)
	}
	var board struct{ Panels []struct{ Type string } }
	if err := json.Unmarshal([]byte(text), &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		if _, known := cog.ConfigForPanelcfgVariant(p.Type); !known && p.Type != "row" {
			t.Errorf("the options of %s are not checked: register the kind in schemaFault", p.Type)
		}
	}
}

func TestFaultsAgainstGrafanasSchemaAreFound(t *testing.T) {
	text := readBoard(t)
	for from, to := range map[string]string{
		`"gridPos"`: `"gridpos"`, `"graphMode"`: `"graphmode"`, `"drawStyle"`: `"style"`, `"legendFormat"`: `"legend"`, `"schemaVersion": 39`: `"schemaVersion": "39"`,
		`"fillOpacity": 10`: `"fillOpacity": "ten"`, `"titleFormat"`: `"format"`,
	} {
		if broken := strings.Replace(text, from, to, 1); broken == text || schemaFault([]byte(broken)) == nil {
			t.Errorf("%s in the place of %s is no fault", to, from)
		}
	}
}
