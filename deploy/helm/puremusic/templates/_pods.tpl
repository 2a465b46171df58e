{{/* What Pod Security "restricted" asks of a container, and a read-only root. */}}
{{- define "puremusic.confined" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Who a pod is: nobody, without a token. (root, process) */}}
{{- define "puremusic.identity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{/* Where a pod runs: (root, process) */}}
{{- define "puremusic.placement" -}}
{{- $gpu := .process.gpu | default dict -}}
{{- with mergeOverwrite (deepCopy .process.nodeSelector) ($gpu.nodeSelector | default dict) }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat .process.tolerations ($gpu.tolerations | default list) }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .process.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $gpu.runtimeClassName | default .process.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* Spread over zones, then nodes; a full zone is no reason to wait. (root, component) */}}
{{- define "puremusic.spread" -}}
topologySpreadConstraints:
  {{- $labels := include "puremusic.selector" . }}
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
  {{- end }}
{{- end -}}

{{- define "puremusic.priority" -}}
{{- if .process.priorityClassName }}
priorityClassName: {{ .process.priorityClassName }}
{{- else if .root.Values.priorityClasses.create }}
priorityClassName: {{ include "puremusic.priorityName" (dict "root" .root "kind" (ternary "working" "serving" (eq (.process.verb | default "") "work"))) }}
{{- end }}
{{- end -}}

{{- define "puremusic.priorityName" -}}
{{- printf "%s-%s-%s" .root.Release.Namespace (include "puremusic.fullname" .root) .kind -}}
{{- end -}}

{{/* Which weights a process wants: the package that fetches and checks them, and where. As JSON; empty: none. (root, process) */}}
{{- define "puremusic.weights" -}}
{{- $path := .root.Values.weights.path -}}
{{- if hasKey .process.reads "PUREMUSIC_SEPARATION_WEIGHTS_DIR" -}}
{{- dict "package" "services.separation.weights" "into" $path "models" .root.Values.weights.models | toJson -}}
{{- else if hasKey .process.reads "PUREMUSIC_MIR_WEIGHTS_DIR" -}}
{{- dict "package" "services.mir.weights" "into" (printf "%s/mir" $path) "models" list | toJson -}}
{{- else -}}{}{{- end -}}
{{- end -}}

{{/* What a process's containers see of its volumes: (root, process) */}}
{{- define "puremusic.mounts" -}}
{{- $weights := include "puremusic.weights" . | fromJson -}}
{{- $source := .root.Values.weights.source -}}
- name: tmp
  mountPath: /tmp
{{- if hasKey .process.reads "PUREMUSIC_SCRATCH_DIR" }}
- name: scratch
  mountPath: /scratch
{{- end }}
{{- if include "puremusic.secrets" . }}
- name: secrets
  mountPath: /run/secrets/puremusic
  readOnly: true
{{- end }}
{{- if .root.Values.trust.existingConfigMap }}
- name: trust
  mountPath: /run/trust
  readOnly: true
{{- end }}
{{- if and .root.Values.terms.existingConfigMap (hasKey .process.reads "PUREMUSIC_RIGHTS_DIR") }}
- name: terms
  mountPath: /terms
  readOnly: true
{{- end }}
{{- if include "puremusic.keepsCost" . }}
- name: kubernetes
  mountPath: /run/kubernetes
  readOnly: true
{{- end }}
{{- if and $weights (ne $source "image") }}
- name: weights
  mountPath: {{ .root.Values.weights.path }}
  {{- if eq $source "claim" }}
  readOnly: true
  {{- end }}
{{- end }}
{{- end -}}

{{/* The volumes themselves: (root, process) */}}
{{- define "puremusic.volumes" -}}
{{- $weights := include "puremusic.weights" . | fromJson -}}
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- if hasKey .process.reads "PUREMUSIC_SCRATCH_DIR" }}
- name: scratch
  emptyDir:
    sizeLimit: {{ .process.scratch }}
{{- end }}
{{- with include "puremusic.secrets" . }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- . | nindent 6 }}
{{- end }}
{{- if .root.Values.trust.existingConfigMap }}
- name: trust
  configMap:
    name: {{ .root.Values.trust.existingConfigMap }}
{{- end }}
{{- if and .root.Values.terms.existingConfigMap (hasKey .process.reads "PUREMUSIC_RIGHTS_DIR") }}
- name: terms
  configMap:
    name: {{ .root.Values.terms.existingConfigMap }}
{{- end }}
{{- if include "puremusic.keepsCost" . }}
# The one token of the chart, in the one container that uses it.
- name: kubernetes
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 3600
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
{{- end }}
{{- if $weights }}
{{- if eq .root.Values.weights.source "claim" }}
- name: weights
  persistentVolumeClaim:
    claimName: {{ .root.Values.weights.claim }}
    readOnly: true
{{- else if eq .root.Values.weights.source "address" }}
- name: weights
  emptyDir:
    sizeLimit: {{ .root.Values.weights.size }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The init step that has weights checked, and fetched where that is asked for: (root, process) */}}
{{- define "puremusic.checkWeights" -}}
{{- $weights := include "puremusic.weights" . | fromJson -}}
{{- if $weights }}
- name: weights
  image: {{ include "puremusic.image" . }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  {{- include "puremusic.confined" . | nindent 2 }}
  command: [python, -m, {{ $weights.package }}]
  args:
    - --into={{ $weights.into }}
    {{- if eq .root.Values.weights.source "address" }}
    - --source={{ .root.Values.weights.address }}
    {{- end }}
    {{- range $weights.models }}
    - {{ . }}
    {{- end }}
  env:
    - name: HOME
      value: /tmp
    {{- if .root.Values.trust.existingConfigMap }}
    - name: SSL_CERT_FILE
      value: /run/trust/{{ .root.Values.trust.key }}
    {{- end }}
  resources:
    requests:
      cpu: 250m
      memory: 256Mi
    limits:
      memory: 1Gi
  volumeMounts:
    {{- $mounts := list }}
    {{- range include "puremusic.mounts" . | fromYamlArray }}
    {{- if has .name (list "tmp" "weights" "trust") }}{{ $mounts = append $mounts . }}{{ end }}
    {{- end }}
    {{- toYaml $mounts | nindent 4 }}
{{- end }}
{{- end -}}

{{/* `migrate`, as a container: (root, process: one of puremusic.migrations) */}}
{{- define "puremusic.migrate" -}}
- name: migrate
  image: {{ include "puremusic.image" . }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  {{- include "puremusic.confined" . | nindent 2 }}
  command: [python, -m, services.{{ .process.service }}]
  args: [migrate]
  env:
    {{- include "puremusic.env" . | nindent 4 }}
  resources:
    {{- toYaml .root.Values.migrations.resources | nindent 4 }}
  volumeMounts:
    {{- include "puremusic.mounts" . | nindent 4 }}
{{- end -}}
