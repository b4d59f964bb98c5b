{{- define "momentum.name" -}}
{{- if contains "momentum" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-momentum" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "momentum.selector" -}}
app.kubernetes.io/name: momentum
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "momentum.labels" -}}
{{ include "momentum.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
