{{- define "puremusic.fullname" -}}
{{- if .Values.fullnameOverride -}}{{ .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{/* What a Deployment selects its pods by: it can never change. (root, component) */}}
{{- define "puremusic.selector" -}}
app.kubernetes.io/name: puremusic
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* (root, component) */}}
{{- define "puremusic.labels" -}}
{{ include "puremusic.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: puremusic
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* (root, component, kind, apiVersion): the head of an object */}}
{{- define "puremusic.head" -}}
apiVersion: {{ .apiVersion }}
kind: {{ .kind }}
metadata:
  name: {{ include "puremusic.fullname" .root }}-{{ .name | default .component }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "puremusic.labels" . | nindent 4 }}
{{- end -}}

{{/* The image of a process: (root, process) */}}
{{- define "puremusic.image" -}}
{{- if .process.image -}}{{ .process.image }}
{{- else -}}
{{- $gpu := and (eq .process.component "separation-worker") (gt (int .root.Values.services.separation.gpu.count) 0) -}}
{{- printf "%s%s%s:%s" .root.Values.image.prefix .process.service (ternary "-cuda" "" $gpu) (.root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* Port of a URL: (url); what is not said is the scheme's own */}}
{{- define "puremusic.port" -}}
{{- $url := urlParse .url -}}
{{- $said := regexFind ":[0-9]+$" $url.host -}}
{{- if $said -}}{{ trimPrefix ":" $said }}{{- else -}}{{ ternary "443" "80" (eq $url.scheme "https") }}{{- end -}}
{{- end -}}
