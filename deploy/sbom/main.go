// Command sbom prints the bill of materials of programs as a CycloneDX 1.6 document: each program with its checksum, each module in
// it, and Go's standard library. All of it comes from the build information in the programs, so it names the linked modules, not those that
// go.mod would allow. Tools for that exist; they name a module that was replaced by its folder (./bin/gnet), in which no scanner for
// vulnerabilities finds gnet.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// run prints the bill of the programs that the arguments name.
func run(args []string) error {
	var r release
	flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
	flags.StringVar(&r.version, "version", "", "version of the release")
	flags.StringVar(&r.commit, "commit", "", "commit of the release")
	flags.StringVar(&r.time, "time", "", "time of the commit, RFC 3339")
	if err := flags.Parse(args); err != nil {
		return err
	}
	programs, err := readPrograms(flags.Args())
	if err != nil {
		return err
	}
	return billOf(r, programs).write(os.Stdout)
}
