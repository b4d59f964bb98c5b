package presence

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
)

// model is what a test believes of the hub, and looks at everything.
type model struct {
	*node
	random       *rand.Rand
	online       map[int][]*connection
	absent       map[int]absence
	joined, left int
}

type absence struct {
	since time.Duration
	left  bool // it has been announced
}

const (
	modelUsers = 300
	modelKeep  = 20 * time.Second
)

// TestHubAgainstAModel lets users come and go at random and compares what the hub says with the model.
func TestHubAgainstAModel(t *testing.T) {
	m := &model{
		node: newNode(t, modelKeep), random: rand.New(rand.NewPCG(7, 7)),
		online: map[int][]*connection{}, absent: map[int]absence{},
	}
	m.announcer.announced = 24 * time.Hour // no summary: all are counted
	for range 30_000 {
		switch user := 1 + m.random.IntN(modelUsers); m.random.IntN(5) {
		case 0, 1:
			m.arrive(user)
		case 2, 3:
			m.depart(user)
		default:
			m.tick()
		}
		if got := m.entries(); got != len(m.online)+len(m.absent) || m.hub.Online() != len(m.online) {
			t.Fatalf("%d entries and %d users online, want %d and %d", got, m.hub.Online(), len(m.online)+len(m.absent), len(m.online))
		}
	}
	m.compare()
}

func (m *model) arrive(user int) {
	if a, known := m.absent[user]; len(m.online[user]) == 0 && (!known || a.left) {
		m.joined++
	}
	delete(m.absent, user)
	m.online[user] = append(m.online[user], m.join(user))
}

// depart has one of a user's connections leave.
func (m *model) depart(user int) {
	all := m.online[user]
	if len(all) == 0 {
		return
	}
	i := m.random.IntN(len(all))
	all[i].leave()
	if len(all) == 1 {
		delete(m.online, user)
		m.absent[user] = absence{since: m.elapsed}
		return
	}
	m.online[user] = append(all[:i], all[i+1:]...)
}

func (m *model) tick() {
	m.elapsed += 50 * time.Millisecond
	m.announcer.Tick(m.elapsed)
	for user, a := range m.absent {
		if !a.left && m.elapsed-a.since >= Grace {
			m.left++
			m.absent[user] = absence{a.since, true}
		}
		if m.elapsed-a.since >= modelKeep {
			delete(m.absent, user)
		}
	}
}

func (m *model) compare() {
	m.want("joined", m.announcer.joined.Count+countOf(m.published, "user_joined"), m.joined)
	m.want("left", m.announcer.left.Count+countOf(m.published, "user_left"), m.left)
	connections := 0
	for _, all := range m.online {
		connections += len(all)
	}
	got, err := m.hub.Audit()
	m.want("connections", got, connections)
	m.want("audit", err, nil)
	page := m.hub.Page(uuid.Nil, modelUsers+1)
	m.want("page", len(page), len(m.online))
	for _, row := range page {
		since := netpoll.Handle(row.ConnectedAt.UnixMilli()) // see join
		user := m.online[int(row.UserID[14])<<8+int(row.UserID[15])]
		if len(user) == 0 || since > user[0].handle {
			m.Errorf("%v is listed since connection %d", row.UserID, since)
		}
	}
}
