{{/*
Every process of every service, as JSON: {"processes": [...]}. A process is `defaults` overlaid with its own entry, and
  service, verb (serve, work), component (auth, ingest-worker, ...), settings (the service's), reads (its variables)
*/}}
{{- define "puremusic.processes" -}}
{{- $root := . -}}
{{- $reads := .Files.Get "files/environment.json" | fromJson -}}
{{- $processes := list -}}
{{- range $service, $values := .Values.services -}}
{{- range $role, $verb := dict "server" "serve" "worker" "work" -}}
{{- if hasKey $values $role -}}
{{- $process := mustMergeOverwrite (deepCopy $root.Values.defaults) (deepCopy (index $values $role)) -}}
{{- $_ := set $process "service" $service -}}
{{- $_ := set $process "verb" $verb -}}
{{- $_ := set $process "component" (ternary $service (printf "%s-worker" $service) (eq $verb "serve")) -}}
{{- $_ := set $process "settings" $values.settings -}}
{{- $_ := set $process "reads" (index $reads (printf "%s %s" $service $verb)) -}}
{{- if and (eq $process.component "separation-worker") (gt (int $values.gpu.count) 0) -}}
{{- $_ := set $process "gpu" $values.gpu -}}
{{- end -}}
{{- $processes = append $processes $process -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "processes" $processes | toJson -}}
{{- end -}}

{{/* The same of `migrate`: one per service, with its server's image and placement */}}
{{- define "puremusic.migrations" -}}
{{- $reads := .Files.Get "files/environment.json" | fromJson -}}
{{- $processes := list -}}
{{- range $process := (include "puremusic.processes" . | fromJson).processes -}}
{{- if eq $process.verb "serve" -}}
{{- $_ := set $process "verb" "migrate" -}}
{{- $_ := set $process "component" (printf "%s-migrate" $process.service) -}}
{{- $_ := set $process "reads" (index $reads (printf "%s migrate" $process.service)) -}}
{{- $processes = append $processes $process -}}
{{- end -}}
{{- end -}}
{{- dict "processes" $processes | toJson -}}
{{- end -}}

{{/* Whole cores of a CPU request, at least one: (quantity) */}}
{{- define "puremusic.cores" -}}
{{- $said := .quantity | toString -}}
{{- if hasSuffix "m" $said -}}{{ max 1 (div (add (trimSuffix "m" $said | int) 999) 1000) }}
{{- else -}}{{ max 1 (ceil ($said | float64) | int) }}{{- end -}}
{{- end -}}

{{/* A number or text as an environment variable wants it: 20000000000, not 2e+10 */}}
{{- define "puremusic.text" -}}
{{- if kindIs "string" . -}}{{ . }}{{- else -}}{{ . | toJson }}{{- end -}}
{{- end -}}
