package clustertest

import (
	"testing"

	"momentum/server/cluster"
)

// counter is a node that counts the texts it gets.
type counter struct {
	cluster.Node  // nil: the other methods are not called
	told, noticed int
}

func (l *counter) Changed(cluster.State, []cluster.Epoch) {}
func (l *counter) ReceiveNote(cluster.NodeID, []byte)     { l.told++ }
func (l *counter) Noticed(texts [][]byte)                 { l.noticed += len(texts) }
func (l *counter) Enroll()                                {}
func (l *counter) Describe() (i cluster.Info)             { return i }

func TestTextsReachTheNodesThatAreConnected(t *testing.T) {
	e := New(10)
	nodes := [3]counter{}
	for i := range nodes {
		if _, err := e.Connect(&nodes[i]); err != nil {
			t.Fatal(err)
		}
	}
	e.Settle()
	b := e.Buses()
	b[0].SendNote("", nil)
	b[0].SendNote("n2", nil)
	b[1].Cut()
	b[1].Keep(cluster.Notice{}, func(err error) {
		if err != cluster.ErrUnavailable {
			t.Error(err)
		}
	})
	b[2].Keep(cluster.Notice{}, func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	e.Settle()
	if nodes[0].told != 1 || nodes[1].told != 0 || nodes[2].told != 2 {
		t.Errorf("%+v", nodes)
	}
	b[1].Heal()
	e.Settle()
	if nodes[1].noticed != 1 || nodes[2].noticed != 0 || len(b[1].Nodes()) != 3 {
		t.Errorf("%+v", nodes)
	}
}
