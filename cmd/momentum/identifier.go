package main

import (
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"

	"momentum/internal/flagvalue"
)

// idMappers read users' ids, also where a command has to know whether one was given.
func idMappers() []kong.Option {
	return []kong.Option{
		kong.TypeMapper(reflect.TypeFor[uuid.UUID](), kong.MapperFunc(decodeUUID)),
		kong.TypeMapper(reflect.TypeFor[*uuid.UUID](), kong.MapperFunc(decodeUUID)),
	}
}

func decodeUUID(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := flagvalue.Text(ctx)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return fmt.Errorf("%q is not a UUID: write one such as 6ba7b810-9dad-41d1-80b4-00c04fd430c8", text)
	}
	reflect.Indirect(target).Set(reflect.ValueOf(id))
	return nil
}

// errZeroID says that a flag has the zero UUID. It must not count as not given: another id would be made up.
func errZeroID(flag string) error {
	return fmt.Errorf("%s is %s, which is no user's id: write another, or leave the flag out", flag, uuid.Nil)
}
