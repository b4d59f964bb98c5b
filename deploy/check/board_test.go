package check

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"
)

// source names a data source of Grafana.
type source struct{ Type, UID string }

// panel has the fields of a panel that Grafana needs to show it.
type panel struct {
	ID         int
	Type       string
	Title      string
	Datasource source
	GridPos    *struct{ H, W, X, Y int }
	Targets    []struct {
		RefID      string
		Datasource source
	}
}

// kinds are the panels that this dashboard uses, all of them in Grafana's core.
var kinds = []string{"row", "stat", "timeseries", "heatmap", "table", "gauge", "bargauge"}

// faults lists faults of a dashboard that Grafana would not report at the import, but show as an empty or hidden panel.
func faults(text []byte) (all []string) {
	var board struct {
		UID, Title    string
		SchemaVersion int
		Templating    struct{ List []struct{ Name, Type string } }
		Panels        []panel
	}
	if err := json.Unmarshal(text, &board); err != nil {
		return []string{err.Error()}
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`).MatchString(board.UID) || board.Title == "" || board.SchemaVersion < 36 {
		all = append(all, "the dashboard has no uid, no title, or a schemaVersion of before Grafana 9")
	}
	taken := make(map[[2]int]int) // the cells of the grid, and their panels
	for _, p := range board.Panels {
		all = append(all, p.faults()...)
		if p.GridPos == nil {
			continue
		}
		for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				if other := taken[[2]int{x, y}]; other != 0 && other != p.ID {
					all = append(all, fmt.Sprintf("panel %d covers panel %d", p.ID, other))
				}
				taken[[2]int{x, y}] = p.ID
			}
		}
	}
	return all
}

func (p panel) faults() (all []string) {
	say := func(fault string) { all = append(all, fmt.Sprintf("panel %d, %q: %s", p.ID, p.Title, fault)) }
	if p.ID <= 0 || !slices.Contains(kinds, p.Type) {
		say("it has no number, or is of the unknown kind " + p.Type)
	}
	if g := p.GridPos; g == nil || g.W < 1 || g.H < 1 || g.X < 0 || g.X+g.W > 24 {
		say("it has no place in the grid of 24 columns")
	}
	if p.Type == "row" {
		return all
	}
	chosen := source{"prometheus", "${datasource}"}
	if p.Datasource != chosen {
		say("it does not ask the data source that the user has chosen")
	}
	seen := make(map[string]bool)
	for _, target := range p.Targets {
		if target.RefID == "" || seen[target.RefID] || target.Datasource != chosen {
			say("a query has no refId of its own, or asks another data source")
		}
		seen[target.RefID] = true
	}
	return all
}

func TestGrafanaCanShowEachPanel(t *testing.T) {
	text, err := os.ReadFile("../grafana/momentum.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults(text) {
		t.Error(fault)
	}
}

func TestPlantedFaultsOfADashboardAreFound(t *testing.T) {
	broken := `{"uid":"m","title":"M","schemaVersion":39,"panels":[
		{"id":1,"type":"row","title":"r","gridPos":{"h":1,"w":24,"x":0,"y":0}},
		{"id":2,"type":"timeseries","title":"covers the row","gridPos":{"h":8,"w":8,"x":0,"y":0},"datasource":{"type":"prometheus","uid":"${datasource}"}},
		{"id":3,"type":"graph","title":"removed kind","gridPos":{"h":8,"w":8,"x":20,"y":8},"datasource":{"type":"prometheus","uid":"${datasource}"}},
		{"id":4,"type":"stat","title":"same refId","gridPos":{"h":8,"w":8,"x":0,"y":20},"datasource":{"type":"prometheus","uid":"${datasource}"},"targets":[
			{"refId":"A","datasource":{"type":"prometheus","uid":"${datasource}"}},{"refId":"A","datasource":{"type":"prometheus","uid":"${datasource}"}}]}]}`
	if found := faults([]byte(broken)); len(found) != 8+3 {
		t.Errorf("%d faults: %q", len(found), found)
	}
}
