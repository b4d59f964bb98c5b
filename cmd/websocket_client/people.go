package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/google/uuid"

	momentum "momentum/client"
)

// maxPeople bounds the names that are remembered.
const maxPeople = 10_000

// people are the users that the client has seen by name, for commands and completion. The prompt and the conversation use them.
type people struct {
	mu    sync.Mutex
	names map[string]string // by id
}

// see remembers the users that a message names.
func (p *people) see(m *message) {
	if m.From != "" && m.FromName != "" {
		p.add(momentum.User{ID: m.From, Name: m.FromName})
	}
	if m.Type == "user_joined" {
		var user momentum.User
		if json.Unmarshal(m.Data, &user) == nil {
			p.add(user)
		}
	}
}

func (p *people) add(users ...momentum.User) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.names == nil {
		p.names = make(map[string]string)
	}
	for _, u := range users {
		if u.ID != "" && u.Name != "" && len(p.names) < maxPeople {
			p.names[u.ID] = u.Name
		}
	}
}

// find returns the id of the user with a name or id. known is false if no such name has been seen.
func (p *people) find(user string) (id string, known bool, err error) {
	if uuid.Validate(user) == nil && len(user) == 36 {
		return user, true, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []string
	for id, name := range p.names {
		if strings.EqualFold(name, user) {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	if len(ids) > 1 {
		return "", true, fmt.Errorf("%d users are called %s: name one by id, %s", len(ids), oneLine(user), strings.Join(ids, " or "))
	}
	if len(ids) == 0 {
		return "", false, nil
	}
	return ids[0], true, nil
}

// sorted returns all names, each once.
func (p *people) sorted() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Compact(slices.Sorted(maps.Values(p.names)))
}
