{{/* Envoy's pods, as a process: `defaults` overlaid with envoy.pod */}}
{{- define "puremusic.envoy" -}}
{{- $process := mustMergeOverwrite (deepCopy .Values.defaults) (deepCopy .Values.envoy.pod) -}}
{{- $_ := set $process "component" "envoy" -}}
{{- $_ := set $process "verb" "serve" -}}
{{- $process | toJson -}}
{{- end -}}

{{/* Whether clients reach the object store through Envoy; empty: no */}}
{{- define "puremusic.objectsThroughEnvoy" -}}
{{- $public := .Values.objects.publicEndpoint | default .Values.publicUrl | trimSuffix "/" -}}
{{- if eq $public (.Values.publicUrl | trimSuffix "/") }}yes{{ end -}}
{{- end -}}

{{/* What Envoy's bootstrap is made of: flags of `python -m services.gateway.envoy` */}}
{{- define "puremusic.envoyFlags" -}}
{{- $name := include "puremusic.fullname" . -}}
{{- $store := urlParse .Values.objects.endpoint -}}
- --into=/bootstrap
- --public=0.0.0.0:8443
- --admin=127.0.0.1:9901
- --probes=0.0.0.0:9902
{{- range $service := list "auth" "ingest" "separation" "mir" "fusion" "gateway" }}
- --{{ $service }}={{ $name }}-{{ $service }}:9000
{{- end }}
- --auth-http={{ $name }}-auth:9001
- --gateway-http={{ $name }}-gateway:9001
- --s3={{ regexReplaceAll ":[0-9]+$" $store.host "" }}:{{ include "puremusic.port" (dict "url" .Values.objects.endpoint) }}
{{- if eq $store.scheme "https" }}
- --s3-ca={{ .Values.envoy.objectsCa }}
{{- end }}
- --bucket={{ .Values.objects.bucket }}
- --issuer={{ .Values.tokens.issuer }}
- --audience={{ .Values.tokens.audience }}
{{- if .Values.envoy.tls.enabled }}
- --certificate=/certificate/public.json
{{- end }}
{{- range $setting, $value := .Values.envoy.settings }}
- --{{ $setting | replace "_" "-" }}={{ include "puremusic.text" $value }}
{{- end }}
{{- if .Values.allowedOrigins }}
- --origins
{{- range .Values.allowedOrigins }}
- {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}
