package tidy

import (
	"go/ast"
	"slices"
	"testing"
)

func TestExportedNamesAreDocumented(t *testing.T) { hold(t, documentedNames) }

func documentedNames(files tree) []string {
	var broken []string
	for _, f := range files.goFiles() {
		if f.isTest() {
			continue
		}
		for _, declaration := range f.syntax.Decls {
			for _, name := range undocumented(declaration) {
				broken = append(broken, f.say(f.line(name.Pos()), "%s has no comment: say what it is for and what a caller must know", name.Name))
			}
		}
	}
	return broken
}

// undocumented lists the exported names of a declaration that no comment goes with.
func undocumented(declaration ast.Decl) []*ast.Ident {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || receiver(d).IsExported()) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range d.Specs {
			names = append(names, undocumentedIn(spec, d)...)
		}
		return slices.DeleteFunc(names, func(n *ast.Ident) bool { return !n.IsExported() })
	}
	return nil
}

// undocumentedIn lists the names of one specification that no comment goes with. A comment above a group of
// constants or variables speaks for all of them, as a type's comment does for its fields and methods.
func undocumentedIn(spec ast.Spec, group *ast.GenDecl) []*ast.Ident {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && (group.Doc == nil || group.Lparen.IsValid()) {
			return []*ast.Ident{s.Name}
		}
	case *ast.ValueSpec:
		if s.Doc == nil && s.Comment == nil && group.Doc == nil {
			return s.Names
		}
	}
	return nil
}

// receiver is the name of the type that a method belongs to.
func receiver(method *ast.FuncDecl) *ast.Ident {
	kind := method.Recv.List[0].Type
	for {
		switch k := kind.(type) {
		case *ast.StarExpr:
			kind = k.X
		case *ast.IndexExpr:
			kind = k.X
		case *ast.IndexListExpr:
			kind = k.X
		case *ast.Ident:
			return k
		default:
			return ast.NewIdent("_")
		}
	}
}

func TestPackagesAreDocumented(t *testing.T) { hold(t, documentedPackages) }

func documentedPackages(files tree) []string {
	documented := make(map[string]bool)
	first := make(map[string]*file)
	for _, f := range files.goFiles() {
		if f.isTest() {
			continue
		}
		documented[f.directory()] = documented[f.directory()] || f.syntax.Doc != nil
		if first[f.directory()] == nil {
			first[f.directory()] = f
		}
	}
	var broken []string
	for directory, ok := range documented {
		if !ok {
			broken = append(broken, first[directory].say(1, "package %s has no comment: say above one of its package clauses what it owns and what it leaves to others", directory))
		}
	}
	return broken
}
