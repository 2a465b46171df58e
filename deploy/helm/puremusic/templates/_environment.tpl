{{/*
What the chart says to a process, by variable; secrets as {"secret": ..., "key": ..., "file": ...}. As JSON: (root, process)
A process is given only those of them that it reads.
*/}}
{{- define "puremusic.given" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $process := .process -}}
{{- $service := $process.service -}}
{{- $name := include "puremusic.fullname" $root -}}
{{- $given := dict -}}
{{- $_ := set $given "LISTEN" "0.0.0.0:9000" -}}
{{- $_ := set $given "HTTP_LISTEN" "0.0.0.0:9001" -}}
{{- $_ := set $given "GRACE_SECONDS" $process.graceSeconds -}}
{{- $_ := set $given "DRAIN_SECONDS" $process.drainSeconds -}}
{{- $_ := set $given "LOG_LEVEL" $values.logLevel -}}
{{- $_ := set $given "SCRATCH_DIR" "/scratch" -}}
{{- if $values.otlp.endpoint -}}{{- $_ := set $given "OTLP_ENDPOINT" $values.otlp.endpoint -}}{{- end -}}

{{- $role := $values.postgres.role | replace "{service}" $service -}}
{{- $options := list -}}
{{- range $option, $value := $values.postgres.options -}}
{{- $options = append $options (printf "%s=%s" $option ($value | urlquery)) -}}
{{- end -}}
{{- $query := ternary (printf "?%s" (join "&" $options)) "" (gt (len $options) 0) -}}
{{- $_ := set $given "POSTGRES_URL" (printf "postgresql://%s@%s:%d/%s%s" $role $values.postgres.host (int $values.postgres.port) $values.postgres.database $query) -}}
{{- $_ := set $given "POSTGRES_PASSWORD" (dict "secret" ($values.postgres.existingSecret | replace "{service}" $service) "key" ($values.postgres.passwordKey | replace "{service}" $service) "file" "postgres-password") -}}

{{- $_ := set $given "NATS_URL" $values.nats.url -}}
{{- $_ := set $given "NATS_USER" ($values.nats.user | replace "{service}" $service) -}}
{{- $_ := set $given "NATS_REPLICAS" $values.nats.replicas -}}
{{- $_ := set $given "NATS_PASSWORD" (dict "secret" ($values.nats.existingSecret | replace "{service}" $service) "key" ($values.nats.passwordKey | replace "{service}" $service) "file" "nats-password") -}}

{{- $_ := set $given "S3_ENDPOINT" ($values.objects.endpoint | trimSuffix "/") -}}
{{- $_ := set $given "S3_PUBLIC_ENDPOINT" ($values.objects.publicEndpoint | default $values.publicUrl | trimSuffix "/") -}}
{{- $_ := set $given "S3_REGION" $values.objects.region -}}
{{- $_ := set $given "S3_BUCKET" $values.objects.bucket -}}
{{- $_ := set $given "S3_ACCESS_KEY" (dict "secret" $values.objects.existingSecret "key" $values.objects.accessKeyKey "file" "s3-access-key") -}}
{{- $_ := set $given "S3_SECRET_KEY" (dict "secret" $values.objects.existingSecret "key" $values.objects.secretKeyKey "file" "s3-secret-key") -}}

{{- range $peer := list "auth" "ingest" "separation" "mir" "fusion" -}}
{{- $_ := set $given (printf "%s_ADDRESS" (upper $peer)) (printf "%s-%s:9000" $name $peer) -}}
{{- end -}}
{{- $_ := set $given "JWKS_URL" (printf "http://%s-auth:9001/.well-known/jwks.json" $name) -}}
{{- $_ := set $given "TOKEN_ISSUER" $values.tokens.issuer -}}
{{- $_ := set $given "TOKEN_AUDIENCE" $values.tokens.audience -}}
{{- $_ := set $given "TERMS_VERSION" $values.terms.version -}}
{{- if $values.terms.existingConfigMap -}}{{- $_ := set $given "RIGHTS_DIR" "/terms" -}}{{- end -}}
{{- $_ := set $given "PUBLIC_URL" ($values.publicUrl | trimSuffix "/") -}}
{{- if $values.allowedOrigins -}}{{- $_ := set $given "ALLOWED_ORIGINS" (join "," $values.allowedOrigins) -}}{{- end -}}
{{- $_ := set $given "SEALING_KEY" (dict "secret" $values.auth.existingSecret "key" $values.auth.sealingKeyKey "file" "sealing-key") -}}
{{- if $values.auth.serviceSecretsKey -}}
{{- $_ := set $given "SERVICE_SECRETS" (dict "secret" $values.auth.existingSecret "key" $values.auth.serviceSecretsKey "file" "service-secrets") -}}
{{- end -}}

{{- $_ := set $given "WORKER_CONCURRENCY" $process.concurrency -}}
{{- $_ := set $given "SEPARATION_JOBS_AT_ONCE" $process.concurrency -}}
{{- $_ := set $given "SEPARATION_WEIGHTS_DIR" $values.weights.path -}}
{{- $_ := set $given "MIR_WEIGHTS_DIR" (printf "%s/mir" $values.weights.path) -}}
{{- $_ := set $given "SEPARATION_POOL" $values.services.separation.pool -}}
{{- $_ := set $given "SEPARATION_DEVICE" (ternary "cuda" "cpu" (hasKey $process "gpu")) -}}
{{- $_ := set $given "SEPARATION_CORE" $values.services.separation.core -}}
{{/* Without a limit on CPU a library would take a thread for every core of the node. */}}
{{- $_ := set $given "SEPARATION_THREADS" (include "puremusic.cores" (dict "quantity" $process.resources.requests.cpu)) -}}
{{- if include "puremusic.keepsCost" . -}}
{{- $_ := set $given "POD_NAME" (dict "fieldPath" "metadata.name") -}}
{{- $_ := set $given "POD_NAMESPACE" $root.Release.Namespace -}}
{{- $_ := set $given "KUBERNETES_CREDENTIALS" "/run/kubernetes" -}}
{{- end -}}
{{- $given | toJson -}}
{{- end -}}

{{/* Whether a process tells Kubernetes how much its pod costs to lose; empty: no. (root, process) */}}
{{- define "puremusic.keepsCost" -}}
{{- if and .root.Values.deletionCost.enabled (hasKey .process.reads "PUREMUSIC_POD_NAME") }}yes{{ end -}}
{{- end -}}

{{/* The variables of a process, as a container's `env`: (root, process) */}}
{{- define "puremusic.env" -}}
{{- $given := include "puremusic.given" . | fromJson -}}
{{- $process := .process -}}
{{- range $variable, $about := .process.reads -}}
{{- $short := trimPrefix "PUREMUSIC_" $variable -}}
{{- if and (hasKey $given $short) $about.secret }}
- name: {{ $variable }}_FILE
  value: /run/secrets/puremusic/{{ (index $given $short).file }}
{{- else if and (hasKey $given $short) (kindIs "map" (index $given $short)) }}
- name: {{ $variable }}
  valueFrom:
    fieldRef:
      fieldPath: {{ (index $given $short).fieldPath }}
{{- else if hasKey $given $short }}
- name: {{ $variable }}
  value: {{ include "puremusic.text" (index $given $short) | quote }}
{{- else if hasKey $process.settings $short }}
- name: {{ $variable }}
  value: {{ include "puremusic.text" (index $process.settings $short) | quote }}
{{- else if $about.required }}
{{- fail (printf "%s %s needs %s, and no value of this chart says it" $process.service $process.verb $variable) }}
{{- end -}}
{{- end }}
- name: HOME
  value: /tmp
{{- if .root.Values.trust.existingConfigMap }}
- name: SSL_CERT_FILE
  value: /run/trust/{{ .root.Values.trust.key }}
{{- end }}
{{- if eq .process.component "mir-worker" }}
- name: NUMBA_CACHE_DIR
  value: /tmp/numba
{{- end }}
{{- end -}}

{{/* The secrets that a process reads, as sources of a projected volume; empty where there are none: (root, process) */}}
{{- define "puremusic.secrets" -}}
{{- $given := include "puremusic.given" . | fromJson -}}
{{- range $variable, $about := .process.reads -}}
{{- $short := trimPrefix "PUREMUSIC_" $variable -}}
{{- if and $about.secret (hasKey $given $short) }}
{{- with index $given $short }}
- secret:
    name: {{ .secret }}
    items:
      - key: {{ .key }}
        path: {{ .file }}
{{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
