package main

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"momentum/server/directory"
)

func TestUsersArePrintedForPeopleAndForPrograms(t *testing.T) {
	u := directory.User{ID: uuid.UUID{15: 1}, Username: "al\"ice", Email: "a@b", Standing: directory.Active}
	for forPrograms, want := range map[bool]string{
		false: "00000000-0000-0000-0000-000000000001\ta@b\tal\"ice\tactive\n",
		true:  `{"id":"00000000-0000-0000-0000-000000000001","email":"a@b","username":"al\"ice","standing":"active"}` + "\n",
	} {
		var out strings.Builder
		if err := printUser(&out, &u, forPrograms); err != nil || out.String() != want {
			t.Errorf("%q, %v", out.String(), err)
		}
	}
}
