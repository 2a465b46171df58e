{{/* A rule that lets peers, or anybody where none is named, at ports: (direction: to or from, peers, ports) */}}
{{- define "puremusic.rule" -}}
- ports:
    {{- range .ports }}
    - port: {{ . | int }}
      protocol: TCP
    {{- end }}
  {{- with .peers }}
  {{ $.direction }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* One of our own pods as a peer, in a list: (root, component) */}}
{{- define "puremusic.peer" -}}
- podSelector:
    matchLabels:
      {{- include "puremusic.selector" . | nindent 6 }}
{{- end -}}

{{- define "puremusic.natsPorts" -}}
{{- $ports := list -}}
{{- range splitList "," .Values.nats.url -}}
{{- $ports = append $ports (regexFind ":[0-9]+$" (trimSuffix "/" .) | trimPrefix ":" | default "4222") -}}
{{- end -}}
{{- uniq $ports | toJson -}}
{{- end -}}

{{/* Where a process goes: exactly where its variables say. (root, process) */}}
{{- define "puremusic.egress" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $reads := .process.reads -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  {{- with $values.networkPolicy.dns }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- if hasKey $reads "PUREMUSIC_POSTGRES_URL" }}
{{ include "puremusic.rule" (dict "direction" "to" "peers" $values.postgres.peers "ports" (list $values.postgres.port)) }}
{{- end }}
{{- if hasKey $reads "PUREMUSIC_NATS_URL" }}
{{ include "puremusic.rule" (dict "direction" "to" "peers" $values.nats.peers "ports" (include "puremusic.natsPorts" $root | fromJsonArray)) }}
{{- end }}
{{- if hasKey $reads "PUREMUSIC_S3_ENDPOINT" }}
{{ include "puremusic.rule" (dict "direction" "to" "peers" $values.objects.peers "ports" (list (include "puremusic.port" (dict "url" $values.objects.endpoint)))) }}
{{- end }}
{{- if and $values.otlp.endpoint (hasKey $reads "PUREMUSIC_OTLP_ENDPOINT") }}
{{ include "puremusic.rule" (dict "direction" "to" "peers" $values.otlp.peers "ports" (list (include "puremusic.port" (dict "url" $values.otlp.endpoint)))) }}
{{- end }}
{{- $weights := include "puremusic.weights" . | fromJson }}
{{- if and $weights (eq $values.weights.source "address") }}
{{ include "puremusic.rule" (dict "direction" "to" "peers" $values.weights.peers "ports" (list (include "puremusic.port" (dict "url" $values.weights.address)))) }}
{{- end }}
{{- if include "puremusic.keepsCost" . }}
{{ include "puremusic.rule" (dict "direction" "to" "peers" $values.deletionCost.peers "ports" $values.deletionCost.ports) }}
{{- end }}
{{- range $peer := list "auth" "ingest" "separation" "mir" "fusion" }}
{{- if hasKey $reads (printf "PUREMUSIC_%s_ADDRESS" (upper $peer)) }}
{{ include "puremusic.rule" (dict "direction" "to" "peers" (include "puremusic.peer" (dict "root" $root "component" $peer) | fromYamlArray) "ports" (list 9000)) }}
{{- end }}
{{- end }}
{{- if hasKey $reads "PUREMUSIC_JWKS_URL" }}
{{ include "puremusic.rule" (dict "direction" "to" "peers" (include "puremusic.peer" (dict "root" $root "component" "auth") | fromYamlArray) "ports" (list 9001)) }}
{{- end }}
{{- end -}}

{{/* Who comes to a process: (root, process, processes) */}}
{{- define "puremusic.ingress" -}}
{{- $root := .root -}}
{{- $calls := list -}}
{{- $asks := list -}}
{{- if eq .process.verb "serve" -}}
{{- $calls = append $calls "envoy" -}}
{{- if has .process.service (list "auth" "gateway") -}}{{- $asks = append $asks "envoy" -}}{{- end -}}
{{- $address := printf "PUREMUSIC_%s_ADDRESS" (upper .process.service) -}}
{{- range $other := .processes -}}
{{- if hasKey $other.reads $address -}}{{- $calls = append $calls $other.component -}}{{- end -}}
{{- if and (eq $.process.service "auth") (hasKey $other.reads "PUREMUSIC_JWKS_URL") -}}{{- $asks = append $asks $other.component -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $port, $components := dict "9000" $calls "9001" $asks }}
{{- if $components }}
{{- $peers := list }}
{{- range $components }}{{ $peers = concat $peers (include "puremusic.peer" (dict "root" $root "component" .) | fromYamlArray) }}{{ end }}
{{ include "puremusic.rule" (dict "direction" "from" "peers" $peers "ports" (list $port)) }}
{{- end }}
{{- end }}
{{- with $root.Values.networkPolicy.monitoring }}
{{ include "puremusic.rule" (dict "direction" "from" "peers" . "ports" (list 9001)) }}
{{- end }}
{{- end -}}
