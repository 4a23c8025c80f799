{{- define "qunhub.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* What a pod of this release is found by. It can never change during the life of a release. */ -}}
{{- define "qunhub.selector" -}}
app.kubernetes.io/name: qunhub
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "qunhub.labels" -}}
{{ include "qunhub.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}
