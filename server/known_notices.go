package server

import (
	"slices"
	"time"
)

// knownNotices are the notices that a node remembers, by text and by subject: a call about one subject looks at no others. A lift makes
// what is older void.
type knownNotices struct {
	byText    map[string]*knownNotice
	bySubject map[subject]*subjectNotices
}

type knownNotice struct {
	notice
	inBus bool // the bus has it, as far as is known
}

// subjectNotices are the notices of one subject.
type subjectNotices struct {
	all  []*knownNotice
	lift *knownNotice // the last one in all; nil: there is none
}

func newKnownNotices() knownNotices {
	return knownNotices{make(map[string]*knownNotice), make(map[subject]*subjectNotices)}
}

// of returns the notices of a subject.
func (k *knownNotices) of(one subject) []*knownNotice {
	if s := k.bySubject[one]; s != nil {
		return s.all
	}
	return nil
}

// lifted returns the time of the last lift of a subject; zero: there is none.
func (k *knownNotices) lifted(one subject) time.Time {
	if s := k.bySubject[one]; s != nil && s.lift != nil {
		return s.lift.At
	}
	return time.Time{}
}

// put adds a notice with a new text.
func (k *knownNotices) put(one *knownNotice) {
	of := one.subject()
	s := k.bySubject[of]
	if s == nil {
		s = new(subjectNotices)
		k.bySubject[of] = s
	}
	k.byText[one.text] = one
	s.all = append(s.all, one)
	s.note(one)
}

// forget removes some notices of a subject.
func (k *knownNotices) forget(of subject, which func(*knownNotice) bool) {
	s := k.bySubject[of]
	s.lift = nil
	s.all = slices.DeleteFunc(s.all, func(one *knownNotice) bool {
		if which(one) {
			delete(k.byText, one.text)
			return true
		}
		s.note(one)
		return false
	})
	if len(s.all) == 0 {
		delete(k.bySubject, of)
	}
}

// note notes a notice that may be the last lift.
func (s *subjectNotices) note(one *knownNotice) {
	if one.Lift != nil && (s.lift == nil || !one.At.Before(s.lift.At)) {
		s.lift = one
	}
}
