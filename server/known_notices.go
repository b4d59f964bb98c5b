package server

import "slices"

// knownNotices are the notices that a node remembers, by text and by subject: a call about one subject looks at no others. What a lift makes
// void is not among them.
type knownNotices struct {
	byText    map[string]*knownNotice
	bySubject map[subject]*subjectNotices
}

type knownNotice struct {
	notice
	inBus bool // the bus has it, and nothing that it makes void, as far as is known
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

// lift returns the last lift of a subject; nil: there is none.
func (k *knownNotices) lift(one subject) *knownNotice {
	if s := k.bySubject[one]; s != nil {
		return s.lift
	}
	return nil
}

// maxVoid limits the texts that one notice has the bus drop, to the last ones. Those that stay only take room.
const maxVoid = 64

// void returns the texts that a lift makes void, and that the bus may have.
func (k *knownNotices) void(lift *notice) (texts []string) {
	for _, one := range k.of(lift.subject()) {
		if lift.voids(&one.notice) {
			texts = append(append(texts, one.void...), one.text)
		}
	}
	return slices.Clone(texts[max(0, len(texts)-maxVoid):])
}

// drop has the bus drop a text when it keeps the notice again.
func (k *knownNotice) drop(text string) {
	k.inBus = false
	if len(k.void) < maxVoid && !slices.Contains(k.void, text) {
		k.void = append(k.void, text)
	}
}

// stored notes that the bus has kept the notice and dropped some texts. It has no others to drop if the notice is in the bus then.
func (k *knownNotice) stored(dropped []string) {
	k.void = slices.DeleteFunc(k.void, func(text string) bool { return slices.Contains(dropped, text) })
	k.inBus = len(k.void) == 0
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
