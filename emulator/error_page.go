package emulator

import "html/template"

// errorPage shows an error of the user's code in a browser.
var errorPage = template.Must(template.New("error").Parse(`<!doctype html>
<meta charset="utf-8">
<title>Error</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem }
pre { font: 14px/1.5 ui-monospace, monospace; padding: 1rem; overflow: auto; border-left: 4px solid #c33; background: #8882 }
</style>
<h1>Your Worker threw an error</h1>
<pre>{{.}}</pre>
`))
