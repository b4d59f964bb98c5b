package admin

import (
	"io/fs"
	"net/http"
	"path"
	"sync"

	"momentum/web"
)

// dashboardPolicy allows the page to load its own files alone and to connect to its own server alone, no other page to frame it, and no text to
// become markup.
const dashboardPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// kinds are the content types of the files.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", "": "text/plain; charset=utf-8",
}

// dashboard returns the files of the dashboard, by path: the page at the root, and all else below /dashboard/. The access rule does not
// cover them: they are public in the repository, and have no data. The page makes the administrator's calls, which it covers.
var dashboard = sync.OnceValue(func() map[string]http.Handler {
	all, files := make(map[string]http.Handler), web.Dashboard()
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error { // it is embedded
		if err == nil && !entry.IsDir() {
			file := dashboardFile(newEmbeddedFile(files, name, kinds[path.Ext(name)]))
			all["/dashboard/"+name] = file
			if name == "index.html" {
				all["/{$}"] = file
			}
		}
		return nil
	})
	delete(all, "/dashboard/index.html") // its links are relative to the root
	return all
})

// dashboardFile serves a file under the policy of the page.
func dashboardFile(f *embeddedFile) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", dashboardPolicy)
		w.Header().Set("Cache-Control", "no-cache") // the browser asks whether its copy is that of this server
		f.ServeHTTP(w, r)
	})
}
