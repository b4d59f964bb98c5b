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
				broken = append(broken, f.say(f.line(name.Pos()), "%s has no comment: say what it does and what a caller must know", name.Name))
			}
		}
	}
	return broken
}

// exportedBy lists the exported names of a declaration.
func exportedBy(declaration ast.Decl) []*ast.Ident {
	return exportedOf(declaration, func(bool) bool { return true })
}

// undocumented lists the exported names of a declaration that have no comment.
func undocumented(declaration ast.Decl) []*ast.Ident {
	return exportedOf(declaration, func(commented bool) bool { return !commented })
}

// exportedOf lists the exported names of a declaration for which wanted returns true. A comment above a group of constants or
// variables covers all of them, and a type's comment covers its fields.
func exportedOf(declaration ast.Decl, wanted func(commented bool) bool) []*ast.Ident {
	var names []*ast.Ident
	add := func(commented bool, more ...*ast.Ident) {
		if wanted(commented) {
			names = append(names, more...)
		}
	}
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil || receiver(d).IsExported() {
			add(d.Doc != nil, d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				add(s.Doc != nil || d.Doc != nil && !d.Lparen.IsValid(), s.Name)
			case *ast.ValueSpec:
				add(s.Doc != nil || s.Comment != nil || d.Doc != nil, s.Names...)
			}
		}
	}
	return slices.DeleteFunc(names, func(n *ast.Ident) bool { return !n.IsExported() })
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
			broken = append(broken, first[directory].say(1, "package %s has no comment: say above one of its package clauses what the package is for and what it leaves to others", directory))
		}
	}
	return broken
}
