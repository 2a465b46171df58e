{{/* What the schema can't say: values that need each other, with a sentence for whoever forgot one. */}}
{{- define "puremusic.validate" -}}
{{- $values := .Values -}}
{{- $workers := 0 -}}
{{- if not $values.publicUrl }}{{ fail "publicUrl is empty: say where clients find PureMusic, like https://music.example" }}{{ end -}}
{{- if not $values.postgres.host }}{{ fail "postgres.host is empty: say where PostgreSQL is; the chart brings none" }}{{ end -}}
{{- if not $values.nats.url }}{{ fail "nats.url is empty: say where NATS is, like nats://nats.nats:4222; the chart brings none" }}{{ end -}}
{{- if not $values.objects.endpoint }}{{ fail "objects.endpoint is empty: say where the object store is, like https://s3.eu-central-1.amazonaws.com; the chart brings none" }}{{ end -}}
{{- if and $values.keda.enabled (not $values.nats.monitoringEndpoint) }}{{ fail "nats.monitoringEndpoint is empty: KEDA asks it for the length of the queues, like nats.nats:8222; or set keda.enabled to false" }}{{ end -}}
{{- if and (eq $values.weights.source "claim") (not $values.weights.claim) }}{{ fail "weights.source is claim: weights.claim has to name the PersistentVolumeClaim" }}{{ end -}}
{{- if and (eq $values.weights.source "address") (not $values.weights.address) }}{{ fail "weights.source is address: weights.address has to say where the networks are" }}{{ end -}}
{{- if and $values.envoy.tls.enabled (not $values.envoy.tls.existingSecret) }}{{ fail "envoy.tls.existingSecret is empty: name the Secret with tls.crt and tls.key, or set envoy.tls.enabled to false" }}{{ end -}}
{{- if and $values.envoy.tls.certManager.enabled (not $values.envoy.tls.certManager.issuer) }}{{ fail "envoy.tls.certManager.enabled needs envoy.tls.certManager.issuer" }}{{ end -}}
{{- $model := $values.services.separation.settings.SEPARATION_DEFAULT_MODEL | default "htdemucs" -}}
{{- if not (has $model $values.weights.models) }}{{ fail (printf "weights.models does not have %s, the default model: no pod would check its weights" $model) }}{{ end -}}
{{- range (include "puremusic.processes" . | fromJson).processes -}}
{{- if and .autoscaling.enabled (gt (int .autoscaling.min) (int .autoscaling.max)) }}{{ fail (printf "%s: autoscaling.min is more than autoscaling.max" .component) }}{{ end -}}
{{- if and .autoscaling.enabled (eq .verb "serve") (eq (int .autoscaling.min) 0) }}{{ fail (printf "%s: a server can't be scaled to zero: nothing would wake it" .component) }}{{ end -}}
{{- end -}}
{{- end -}}
